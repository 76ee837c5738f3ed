"""Files that go are overwritten first, where nobody can be looking at them any more."""

from __future__ import annotations

import os
import time
from pathlib import Path

from sigsearch.index.locks import in_use

_PIECE = 1 << 20


def shred(path: Path) -> bool:
    """Overwrite a file with zeros, flush, and unlink it; a mapped one is unlinked only.

    Returns whether it was overwritten. On flash storage and copy-on-write file systems old
    blocks can outlive this; only an encrypted index protects those.
    """
    if in_use(path):
        path.unlink()
        return False
    size = path.stat().st_size
    with open(path, "r+b", buffering=0) as file:
        for start in range(0, size, _PIECE):
            file.write(bytes(min(_PIECE, size - start)))
        os.fsync(file.fileno())
    path.unlink()
    return True


def shred_folder(folder: Path) -> bool:
    """Shred all files of a folder and remove it; returns whether all were overwritten."""
    overwritten = [shred(path) for path in folder.iterdir()]
    folder.rmdir()
    return all(overwritten)


def unlink_folder(folder: Path) -> None:
    """Remove a folder whose files others may still have mapped: they keep what they see."""
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()


def wait_for_readers(folder: Path, patience: float) -> bool:
    """Whether the last read of a retired store ended within `patience` seconds.

    The store must be out of reach of new readers already. One that LMDB does not open has
    none: a copy or an erasure was cut short there, and erasures begin when the last has left.
    """
    import lmdb

    deadline = time.monotonic() + patience
    try:
        env = lmdb.open(os.fspath(folder), max_readers=510, create=False)
    except lmdb.Error:
        return True
    with env:
        while True:
            env.reader_check()
            if "no active readers" in env.readers():
                return True
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.02)
