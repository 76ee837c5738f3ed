"""Opening a store's files by LMDB so that a full disk cannot kill the process.

LMDB makes its table of readers (`lock.mdb`) as a file with holes and maps it. On a full disk the
first touch of a hole is a SIGBUS, which nothing in this process could name. So the table is given
its room on the disk before it is mapped.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sigsearch.errors import IndexCorrupt, IndexFault
from sigsearch.index.local.files import fault_of, named_faults
from sigsearch.index.local.folder import open_plain
from sigsearch.index.local.rights import OWN_FILE

if TYPE_CHECKING:
    import lmdb

READERS = 510
_TABLE = 36_864  # bytes that so many readers take in LMDB's table, at most
_SECTOR = 512  # the unit of `st_blocks`


def open_store(folder: Path, **how: Any) -> lmdb.Environment:
    """LMDB's environment of a store, whose readers are listed; `how` are LMDB's own options.

    Raises:
        IndexFull: there is no room for the table of readers. lmdb.Error.
    """
    import lmdb

    table = folder / "lock.mdb"
    if not _has_room(table):
        _give_room(table)
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
