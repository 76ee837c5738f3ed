"""Folders of an index's own files that go: overwritten first, where nobody can be looking."""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path

from sigsearch.errors import IndexCorrupt, IndexFault
from sigsearch.index.local.contents import SPARE, files_of
from sigsearch.index.local.folder import Folder
from sigsearch.index.local.locks import in_use
from sigsearch.index.local.opening import open_store
from sigsearch.index.local.pages import check_files

_PIECE = 1 << 20
_TELL_NOTHING = ("lock.mdb", SPARE)  # nothing that was ever stored, and others may have it mapped


def erase_folder(root: Path, name: str, *, overwrite: bool = True) -> bool:
    """Overwrite (with zeros, flushed) and unlink an index's own files in the folder `name` of the
    index `root`, and remove it; a file that another process has mapped is unlinked only, and so
    is one that has a second name elsewhere (a hard link).

    What else lies in the folder stays, and the folder with it. Returns whether all files were
    overwritten. On flash storage and copy-on-write file systems old blocks can outlive this; only
    an encrypted index protects those.

    Raises:
        IndexFault: the name is not one that an index gives, or leads elsewhere.
    """
    files = files_of(name)
    if not files:
        raise IndexFault(f"{root / name} is not a folder that an index makes; it was left as it is")
    if not os.path.lexists(root / name):
        return True
    overwritten = True
    with Folder.at(root) as top:
        with top.inner(name) as folder:
            for file in files:
                if folder.is_plain(file):
                    overwritten &= _erase(folder, file, overwrite)
        try:
            top.rmdir(name)
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
    return overwritten


def _erase(folder: Folder, name: str, overwrite: bool) -> bool:
    zeroed = name in _TELL_NOTHING or (overwrite and _overwrite(folder, name))
    folder.unlink(name)
    return zeroed


def _overwrite(folder: Folder, name: str) -> bool:
    with open(folder.open(name, os.O_RDWR), "r+b", buffering=0) as file:
        status = os.fstat(file.fileno())
        if status.st_nlink > 1 or in_use(file.fileno()):
            return False
        for start in range(0, status.st_size, _PIECE):
            file.write(bytes(min(_PIECE, status.st_size - start)))
        os.fsync(file.fileno())
    return True


def wait_for_readers(folder: Path, patience: float) -> bool:
    """Whether the last read of a retired store ended within `patience` seconds.

    The store must be out of reach of new readers already. One that LMDB does not open has
    none: a copy or an erasure was cut short there, and erasures begin when the last has left.
    """
    import lmdb

    deadline = time.monotonic() + patience
    try:
        check_files(folder)
    except IndexCorrupt:
        return True
    except IndexFault:  # a link where LMDB keeps its table of readers: who reads is not known
        return False
    try:
        env = open_store(folder, patience, create=False, readonly=True)
    except lmdb.Error:
        return True
    except IndexFault:  # no room for the table of readers, no right to it, or another makes it
        return False
    with env:
        while True:
            env.reader_check()
            if not _anybody_reads(env.readers()):
                return True
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.02)


def _anybody_reads(table: str) -> bool:
    """Whether LMDB's table of readers names a transaction: a place may be kept without one."""
    return any(line.split()[-1:] and line.split()[-1].isdigit() for line in table.splitlines())
