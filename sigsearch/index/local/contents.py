"""What an index's folder may contain: the names that an index makes itself, and only these.

Whatever deletes, overwrites or swaps asks here first. All else is somebody else's: it stays as it
is, and the check names it.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

MANIFEST = "index.json"
COPY = "index.copy.json"  # for repair: the salt of an encrypted index is in no other place
NEIGHBOURS = "neighbours.json"
WRITER_LOCK, BUILD_LOCK = "writer.lock", "build.lock"
AUDIT_LOG, AUDIT_LOCK = "audit.log", "audit.lock"
SPARE = "spare"
"""A file that marks a store: nothing in it is the only copy of anything. A store bears it until
the manifest names it, and again from when the manifest names another one."""

_DOCUMENTS = (MANIFEST, COPY, NEIGHBOURS)
_LOCKS = {WRITER_LOCK, BUILD_LOCK, AUDIT_LOCK}
_SWAPPED = (*_DOCUMENTS, AUDIT_LOG)
_FILES = {*_SWAPPED, *(f"{name}.new" for name in _SWAPPED), *_LOCKS}
_IN_STORE = ("data.mdb", "lock.mdb", SPARE)
_IN_SNAPSHOT = (
    "structure", "clusters.mapped", "clusters", "lists.npy", "clusters.json", "base.npy",
    "originals.mapped", "originals.npy", "owners.npy",
)  # fmt: skip
_STORE = re.compile(r"store-([1-9][0-9]{0,15})")
_ASIDE = re.compile(r"damaged-store-([1-9][0-9]{0,15})")
_SNAPSHOT = re.compile(r"neighbours-[0-9]{1,20}-[0-9a-f]{8}")


def is_store(name: str) -> bool:
    return _STORE.fullmatch(name) is not None


def is_snapshot(name: str) -> bool:
    return _SNAPSHOT.fullmatch(name) is not None


def is_aside(name: str) -> bool:
    """Whether a name is that of a damaged store, which nobody but the user deletes."""
    return _ASIDE.fullmatch(name) is not None


def files_of(folder: str) -> tuple[str, ...]:
    """What a folder of this name may hold, what marks it last; nothing if it is not the index's."""
    if is_store(folder) or is_aside(folder):
        return _IN_STORE
    return _IN_SNAPSHOT if is_snapshot(folder) else ()


def stores(root: Path) -> list[str]:
    """Names of all stores in a folder, oldest first."""
    found = [one.name for one in _entries(root) if is_store(one.name) and _is_folder(one)]
    return sorted(found, key=_number)


def snapshots(root: Path) -> list[str]:
    """Names of all folders of search structures."""
    return [one.name for one in _entries(root) if is_snapshot(one.name) and _is_folder(one)]


def put_aside(root: Path) -> list[str]:
    """Names of the damaged stores that were put aside."""
    return [one.name for one in _entries(root) if is_aside(one.name) and _is_folder(one)]


def next_store(root: Path) -> str:
    """A name that no store ever had: whatever bears one like it, of any kind, is passed over."""
    taken = [_number(one.name) for one in _entries(root)]
    return f"store-{max(taken, default=0) + 1}"


def aside(store: str) -> str:
    """The name under which a damaged store is put aside."""
    return f"damaged-{store}"


def left(root: Path) -> list[str]:
    """Names of an index's own that lie in a folder, of whatever kind they are; but no locks."""
    names = [one.name for one in _entries(root)]
    return sorted(
        name for name in names if (name in _FILES and name not in _LOCKS) or files_of(name)
    )


def foreign(root: Path) -> list[str]:
    """What lies in an index's folder, or in one of its own folders, and was not made by it."""
    return sorted(_foreign(root))


def size_of(root: Path) -> int:
    """Bytes of all plain files in a folder and below it; what vanishes meanwhile is not counted."""
    size = 0
    for folder, _, files in os.walk(root):
        for name in files:
            with suppress(OSError):
                size += os.lstat(os.path.join(folder, name)).st_size
    return size


def is_plain(path: Path) -> bool:
    """Whether there is a file, and no link, device or folder."""
    try:
        return stat.S_ISREG(os.lstat(path).st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False


def is_plain_or_absent(path: Path) -> bool:
    return is_plain(path) or not os.path.lexists(path)


def is_plain_folder(path: Path) -> bool:
    """Whether there is a folder, and no link to one."""
    try:
        return stat.S_ISDIR(os.lstat(path).st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False


def _foreign(root: Path) -> Iterator[str]:
    for one in _entries(root):
        known = files_of(one.name)
        if known and _is_folder(one):
            for inner in _entries(root / one.name):
                if inner.name not in known or not inner.is_file(follow_symlinks=False):
                    yield f"{one.name}/{inner.name}"
        elif one.name not in _FILES or not one.is_file(follow_symlinks=False):
            yield one.name


def _is_folder(entry: os.DirEntry[str]) -> bool:
    return entry.is_dir(follow_symlinks=False)


def _entries(root: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(root) as found:
            return list(found)
    except (FileNotFoundError, NotADirectoryError):
        return []


def _number(name: str) -> int:
    found = _STORE.fullmatch(name) or _ASIDE.fullmatch(name)
    return int(found[1]) if found else 0
