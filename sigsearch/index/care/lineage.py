"""Which of several stores is the living one, and which hold nothing that it does not.

Every change has a random token, and a store's log of changes has those of its past. A store is
superseded if its last token is in the living one's log: all that it holds was taken over from
it, or given up since.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sigsearch.errors import IndexCorrupt, IndexFault
from sigsearch.index.local.contents import SPARE, is_plain
from sigsearch.index.local.layout import State
from sigsearch.index.local.ledger import Ledger
from sigsearch.index.local.pages import check_meta_pages
from sigsearch.index.seals.checksum import Seal


@contextmanager
def peek(folder: Path, seal: Seal, *, any_state: bool = False) -> Iterator[Ledger]:
    """The records of a store to which nobody writes, with `any_state` whatever its state record
    says. It changes nothing in the folder.

    Raises:
        IndexCorrupt: they cannot be read.
    """
    import lmdb

    data = folder / "data.mdb"
    if not is_plain(data):
        raise IndexCorrupt(f"{data} is missing or is not a regular file")
    check_meta_pages(data)
    try:
        with (
            lmdb.open(os.fspath(folder), readonly=True, lock=False) as env,
            env.begin() as transaction,
        ):
            yield Ledger(transaction, seal) if any_state else Ledger.opened(transaction, seal)
    except lmdb.Error as error:
        raise IndexCorrupt(f"{folder} cannot be read: {error}") from error


def state_of(folder: Path, seal: Seal) -> State | None:
    """The newest committed state of a store to which nobody writes; None if it is not readable."""
    try:
        with peek(folder, seal) as ledger:
            return ledger.state()
    except IndexFault:
        return None


def is_spare(folder: Path) -> bool:
    """Whether a store is marked as holding nothing that is not in another one."""
    return is_plain(folder / SPARE)


def is_superseded(folder: Path, seal: Seal, living: Ledger) -> bool:
    """Whether a store, not the living one, is known to hold nothing that anybody could miss."""
    if is_spare(folder) or _is_empty(folder):
        return True
    state = state_of(folder, seal)
    return state is not None and (state.generation == 0 or living.follows(state))


def living_of(folders: list[Path], seal: Seal) -> Path:
    """The store that holds the newest committed state: one that was ever in use rather than one
    that was not, one that can be read rather than one that cannot."""

    def rank(folder: Path) -> tuple[bool, bool, int]:
        state = state_of(folder, seal)
        return state is not None, not is_spare(folder), state.generation if state else 0

    return max(folders, key=rank)  # of equal ones the first, which was never a copy


def _is_empty(folder: Path) -> bool:
    """Whether no record was ever written there."""
    try:
        return os.lstat(folder / "data.mdb").st_size == 0 or not is_plain(folder / "data.mdb")
    except FileNotFoundError:
        return True
