"""Opening a store's files by LMDB so that a full disk cannot kill the process.

LMDB makes its table of readers (`lock.mdb`) as a file with holes and maps it. On a full disk the
first touch of a hole is a SIGBUS, which nothing in this process could name. So the table is given
its room on the disk before it is mapped.

Whoever opens a store first makes that table anew, and LMDB lets the others wait for it without
end. One that was suspended amid this, or whose container is frozen, would hold everybody up. So a
process looks first whether the table is being made, waits for a while, and says so.
"""

from __future__ import annotations

import os
import struct
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sigsearch.errors import IndexBusy, IndexCorrupt, IndexFault
from sigsearch.index.local.files import fault_of, named_faults
from sigsearch.index.local.folder import open_plain
from sigsearch.index.local.rights import OWN_FILE

if TYPE_CHECKING:
    import lmdb

READERS = 510
_TABLE = 36_864  # bytes that so many readers take in LMDB's table, at most
_SECTOR = 512  # the unit of `st_blocks`
_PATIENCE = 10.0  # seconds


def open_store(folder: Path, patience: float = _PATIENCE, **how: Any) -> lmdb.Environment:
    """LMDB's environment of a store, whose readers are listed; `how` are LMDB's own options.
    `patience`: seconds that another process may take to make the table of readers.

    Raises:
        IndexFull: there is no room for the table. IndexBusy: its making took longer. lmdb.Error.
    """
    import lmdb

    table = folder / "lock.mdb"
    if not _has_room(table):
        _give_room(table)
    _wait_for_maker(table, patience)
    with named_faults(folder):  # of making the folder
        return lmdb.open(os.fspath(folder), max_readers=READERS, mode=OWN_FILE, **how)


@contextmanager
def named_store_faults(root: Path) -> Iterator[None]:
    """Give what LMDB raises the names of this package."""
    import lmdb

    try:
        yield
    except lmdb.Error as error:
        raise named_fault(error, root) from error


def named_fault(error: lmdb.Error, root: Path) -> IndexFault:
    """What LMDB says, in the words of this package."""
    import lmdb

    damage = (
        lmdb.CorruptedError, lmdb.PageNotFoundError, lmdb.InvalidError, lmdb.NotFoundError,
        lmdb.VersionMismatchError, lmdb.IncompatibleError, lmdb.BadValsizeError,
    )  # fmt: skip
    if isinstance(error, damage):
        return IndexCorrupt(f"the store of {root} is damaged ({error}); try `index check`")
    return fault_of(getattr(error, "code", 0), root, error)


def _has_room(table: Path) -> bool:
    """Whether the table is there, and has no holes."""
    try:
        status = os.lstat(table)
    except OSError:
        return False
    return getattr(status, "st_blocks", 0) * _SECTOR >= max(status.st_size, 1)


def _give_room(table: Path) -> None:
    with named_faults(table):
        descriptor = open_plain(table, os.O_RDWR | os.O_CREAT)
        try:
            status = os.fstat(descriptor)
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(descriptor, 0, max(status.st_size, _TABLE))
            elif status.st_size == 0:
                os.write(descriptor, bytes(_TABLE))
        finally:
            os.close(descriptor)


_FLOCK = {
    "linux": ("hhqqi0q", ("type", "whence", "start", "length", "process")),
    "darwin": ("qqihh", ("start", "length", "process", "type", "whence")),
}
"""How C lays out a lock that the kernel is asked about. Elsewhere nobody looks."""


def _wait_for_maker(table: Path, patience: float) -> None:
    """Until nobody holds LMDB's lock of the table's first byte alone. This process must not have
    the store open: closing a file frees all that it has locked of it."""
    if sys.platform not in _FLOCK:
        return
    with named_faults(table):
        descriptor = open_plain(table, os.O_RDONLY)
    deadline = time.monotonic() + patience
    try:
        while _is_being_made(descriptor):
            if time.monotonic() >= deadline:
                raise IndexBusy(
                    f"{table.parent.parent} is being opened by another process that does not get "
                    "on; let it go on if it is suspended, or end it, and try again"
                )
            time.sleep(0.005)
    finally:
        os.close(descriptor)


def _is_being_made(descriptor: int) -> bool:
    """Whether LMDB would wait. Only asked: a lock of our own, however short, would make another
    process that opens the store first take its table for one in use."""
    import fcntl

    layout, parts = _FLOCK[sys.platform]
    lock = {"type": fcntl.F_RDLCK, "whence": os.SEEK_SET, "start": 0, "length": 1, "process": 0}
    question = struct.pack(layout, *(lock[part] for part in parts))
    try:
        answer = struct.unpack(layout, fcntl.fcntl(descriptor, fcntl.F_GETLK, question))
    except OSError:  # LMDB itself names what is wrong with locks there
        return False
    return bool(answer[parts.index("type")] != fcntl.F_UNLCK)
