"""Files that a command was asked to write: refused before any work, whole or not there after."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from sigsearch.errors import NotWritable
from sigsearch.names import as_text

PAGE, PICTURE, VECTORS = (".html", ".htm"), (".png",), (".npy",)
"""Suffixes of what the commands write."""


def must_be_writable(path: Path, suffixes: Sequence[str] = ()) -> None:
    """Refuse a place for a file before any work is done for it.

    Raises:
        NotWritable: there is no such folder, or it or the file takes no writing; or the name ends
            as that of a file of another kind than those with `suffixes`.
    """
    told, folder = as_text(path), path.parent
    if suffixes and path.suffix and path.suffix.lower() not in suffixes:
        raise NotWritable(
            f"{told}: {path.suffix} cannot be written here; use a name that ends in {suffixes[0]}"
        )
    if not folder.is_dir():
        raise NotWritable(f"{told}: the folder {as_text(folder)} does not exist; create it first")
    if path.is_dir():
        raise NotWritable(f"{told} is a folder; give the path of a file")
    if not os.access(path if path.exists() else folder, os.W_OK):
        raise NotWritable(f"{told} cannot be written; choose another place")


def must_not_be_read(path: Path, document: str) -> None:
    """Refuse to write over the document that is read; `document` may end in `#page=2`.

    Raises:
        NotWritable: both are the same file, whatever they are called.
    """
    from sigsearch.documents.addresses import Address

    with suppress(OSError, ValueError):  # one of them is not there, or no file
        if os.path.samefile(path, Address.of(document).source):
            raise NotWritable(
                f"{as_text(path)}: is the document itself, which would be lost; choose another name"
            )


def must_be_folder(path: Path) -> None:
    """Refuse a folder to write to, there or not, that is a file or takes no writing. Raises
    NotWritable."""
    there = next(one for one in (path, *path.absolute().parents) if one.exists())
    if not there.is_dir():
        raise NotWritable(f"{as_text(there)} is a file; give the path of a folder")
    if not os.access(there, os.W_OK):
        raise NotWritable(f"{as_text(there)} cannot be written to; choose another folder")


@contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """A file to write that takes its place when it is whole; until then, and if the disk is full,
    what was there stays. A device or a pipe is written as it is.

    Raises:
        NotWritable: the disk is full or the like.
    """
    try:
        if (path.exists() and not path.is_file()) or path.is_relative_to("/dev"):
            with path.open("wb") as file:
                yield file
            return
        target = Path(os.path.realpath(path))
        part = target.with_name(f".{target.name[:200]}.{os.getpid()}.part")
        try:
            with part.open("wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            if target.exists():
                shutil.copymode(target, part)
            os.replace(part, target)
        finally:
            with suppress(OSError):
                part.unlink(missing_ok=True)
    except OSError as fault:
        raise NotWritable(f"{as_text(path)}: not written: {fault.strerror or fault}") from fault


def write_page(path: Path, text: str) -> None:
    """A page for people, in UTF-8; raises NotWritable."""
    with whole_file(path) as file:
        file.write(text.encode("utf-8", "backslashreplace"))
