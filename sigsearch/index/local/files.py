"""Files that are whole or absent: written beside, flushed, then swapped in."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sigsearch.errors import IndexCorrupt, IndexFault, IndexFull, IndexReadOnly
from sigsearch.index.local.folder import Folder, open_plain, read_plain
from sigsearch.index.local.rights import OWN_FILE

_LARGEST_DOCUMENT = 1 << 22  # bytes of a file of the index's own that is read whole


def write_document(path: Path, document: Mapping[str, Any]) -> None:
    """Swap in a file of the index's own: JSON that carries the sha256 of its content."""
    with named_faults(path), Folder.at(path.parent) as folder:
        folder.swap_in(path.name, sealed_document(document))


def sealed_document(document: Mapping[str, Any]) -> bytes:
    """JSON that carries the sha256 of its own content."""
    body = json.dumps(document, sort_keys=True, ensure_ascii=False)
    sealed = json.dumps({"content": document, "sha256": _sha256(body)}, sort_keys=True)
    return (sealed + "\n").encode()


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A place beside a file that the user named; what was written there takes the file's place.

    A link is followed, so that it stays one. Nothing but a plain file is ever replaced. A new file
    is its owner's alone; one that was there keeps its permissions.

    Raises:
        IndexFault: there is a folder, a device or the like, or the file cannot be written.
    """
    target = Path(os.path.realpath(path))
    with named_faults(path):
        if os.path.lexists(target) and not target.is_file():
            raise IndexFault(f"{path} is not a regular file and was not replaced; name another")
        beside = target.with_name(f".{target.name}.{os.urandom(4).hex()}.new")
        os.close(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWN_FILE))
        if target.is_file():
            shutil.copymode(target, beside)
        try:
            yield beside
            with open(beside, "rb+") as file:
                os.fsync(file.fileno())
            os.replace(beside, target)
            sync_folder(target.parent)
        finally:
            beside.unlink(missing_ok=True)


def read_document(path: Path) -> dict[str, Any]:
    """The content of a file written by `write_document`.

    Raises:
        FileNotFoundError: there is none.
        IndexCorrupt: it is not what was written. IndexFault: it is a link or no file.
    """
    raw = read_plain(path, _LARGEST_DOCUMENT)
    try:
        sealed = json.loads(raw)
        content: dict[str, Any] = sealed["content"]
        body = json.dumps(content, sort_keys=True, ensure_ascii=False)
        whole = set(sealed) == {"content", "sha256"} and sealed["sha256"] == _sha256(body)
        if whole and isinstance(content, dict):
            return content
    except (ValueError, KeyError, TypeError, RecursionError):
        pass
    raise IndexCorrupt(f"{path} is damaged: it does not match its own hash")


def sync_folder(path: Path) -> None:
    """Make a rename in the folder survive power loss (where the platform can)."""
    if os.name == "nt":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def is_on_read_only_media(path: Path) -> bool:
    """Whether nobody on this machine can write there, whatever the permissions say."""
    return hasattr(os, "statvfs") and bool(os.statvfs(path).f_flag & os.ST_RDONLY)


def file_sha256(path: Path) -> str:
    """Hex sha256 of a plain file, read in pieces; raises IndexFault if there is something else."""
    digest = hashlib.sha256()
    with open(open_plain(path, os.O_RDONLY), "rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()


@contextmanager
def named_faults(path: Path, but: tuple[type[OSError], ...] = ()) -> Iterator[None]:
    """Give the operating system's refusals, `but` some, the names of this package."""
    try:
        yield
    except but:
        raise
    except OSError as error:
        raise fault_of(error.errno or 0, path, error) from error


def fault_of(code: int, path: Path, error: Exception) -> IndexFault:
    """The named fault for an errno met while working on `path`."""
    if code in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return IndexFull(f"no room left to write {path}; what was stored before is whole")
    if code == errno.EIO:  # what LMDB says of a write that came out short
        return IndexFull(
            f"{path} could not be written: the disk is full or failing; "
            "what was stored before is whole"
        )
    if code in (errno.EACCES, errno.EPERM, errno.EROFS):
        told = getattr(error, "strerror", None) or error
        return IndexReadOnly(f"{path} cannot be read or written: {told}")
    if code == errno.ENOENT:
        return IndexFault(f"{path}: no such file or folder")
    return IndexFault(f"{path}: {error}")


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
