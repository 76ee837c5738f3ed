"""Small files that are whole or absent: written beside, flushed, then swapped in."""

from __future__ import annotations

import errno
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sigsearch.errors import IndexCorrupt, IndexFault, IndexFull, IndexReadOnly


def write_document(path: Path, document: Mapping[str, Any]) -> None:
    """Swap in a JSON file that carries the sha256 of its own content."""
    body = json.dumps(document, sort_keys=True, ensure_ascii=False)
    sealed = json.dumps({"content": document, "sha256": _sha256(body)}, sort_keys=True)
    beside = path.with_name(path.name + ".new")
    with named_faults(path):
        with open(beside, "w", encoding="utf-8") as file:
            file.write(sealed + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
        sync_folder(path.parent)


def read_document(path: Path) -> dict[str, Any]:
    """The content of a file written by `write_document`.

    Raises:
        FileNotFoundError: there is none.
        IndexCorrupt: it is not what was written.
    """
    raw = path.read_bytes()
    try:
        sealed = json.loads(raw)
        content: dict[str, Any] = sealed["content"]
        body = json.dumps(content, sort_keys=True, ensure_ascii=False)
        if set(sealed) == {"content", "sha256"} and sealed["sha256"] == _sha256(body):
            return content
    except (ValueError, KeyError, TypeError):
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


def file_sha256(path: Path) -> str:
    """Hex sha256 of a file, read in pieces."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()


@contextmanager
def named_faults(path: Path) -> Iterator[None]:
    """Give the operating system's refusals the names of this package."""
    try:
        yield
    except OSError as error:
        raise fault_of(error.errno or 0, path, error) from error


def fault_of(code: int, path: Path, error: Exception) -> IndexFault:
    """The named fault for an errno met while working on `path`."""
    if code in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return IndexFull(f"no room left to write {path}; what was stored before is whole")
    if code == errno.EIO:  # what LMDB says of a write that came out short
        return IndexFull(
            f"{path} could not be written in full: there is no room left, or the disk fails; "
            "what was stored before is whole"
        )
    if code in (errno.EACCES, errno.EPERM, errno.EROFS):
        return IndexReadOnly(f"{path} cannot be written: {error}")
    if code == errno.ENOENT:
        return IndexFault(f"{path}: no such file or folder")
    return IndexFault(f"{path}: {error}")


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
