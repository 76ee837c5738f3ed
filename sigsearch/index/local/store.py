"""The truth of one index folder: reads and changes of its records, one generation each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from sigsearch.errors import IndexClosed, IndexLocked, IndexReplaced, VerifyOnly
from sigsearch.index.keeping import Keeper, Records
from sigsearch.index.local.environment import Environment
from sigsearch.index.local.layout import LogEnd, Rows, State
from sigsearch.index.local.ledger import Ledger
from sigsearch.index.local.manifest import read_manifest
from sigsearch.index.local.opening import named_store_faults, open_store
from sigsearch.index.local.sealing import seal_of
from sigsearch.index.local.sharing import release, share
from sigsearch.index.seals.checksum import Seal
from sigsearch.schema import Sync

if TYPE_CHECKING:
    import lmdb

T = TypeVar("T")

_CHUNK = 65_536
_ROOM = 1 << 24  # bytes that two small commits take at the very most


class Store:
    """Reads and changes of one index folder."""

    centroids = None  # the folder has its search structure

    def __init__(
        self, root: Path, key: bytes | None, *, wait: float, sync: Sync = "full",
        read_only: bool = False,
    ) -> None:  # fmt: skip
        """Who only reads asks about a few writers at a time, scattered over the file."""
        self._sealing: dict[str, Any] = read_manifest(root)["sealing"]
        self._keys = [key]  # the index's own one first
        self.seal = seal_of(self._sealing, key, root)
        self.wait = wait
        self._closed = False
        self._state: State | None = None  # as it was last read, of the store that is open
        self.environment: Environment = share(root, sync, scattered=read_only)
        try:
            self.identity = self.read(Ledger.identity)
        except BaseException:
            release(self.environment)
            raise

    @property
    def salt(self) -> str:
        """Tells this index from every other."""
        return str(self._sealing["salt"])

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            release(self.environment)

    def must_be_open(self) -> None:
        """Raises IndexClosed after `close`."""
        if self._closed:
            raise IndexClosed(f"{self.environment.root} was closed; open it again")

    def read(self, work: Callable[[Ledger], T]) -> T:
        """Run `work` on one generation of the records."""
        self.must_be_open()
        return self.environment.read(lambda found: work(self._ledger(found)))

    def change(self, work: Callable[[Ledger], T], *, room: int = 0) -> T:
        """Run `work` in one transaction; it is on disk when this returns."""
        self.must_be_open()
        return self.environment.write(
            lambda found: work(self._ledger(found, writing=True)), wait=self.wait, room=room
        )

    def _ledger(self, found: lmdb.Transaction[bytes], *, writing: bool = False) -> Ledger:
        """Raises IndexReplaced where this is not the index that was opened, and IndexLocked where
        it has got another key."""
        if self.environment.sealing is not self._sealing:
            self._follow(found, self.environment.sealing)
        ledger = Ledger.opened(found, self.seal, self._state, writing=writing)
        if not writing:
            self._state = ledger.state()
        return ledger

    def _follow(self, found: lmdb.Transaction[bytes], sealing: dict[str, Any]) -> None:
        """Open by what the manifest says of the seal now."""
        root = self.environment.root
        if sealing["salt"] != self._sealing["salt"] and not self._is_restored(found, sealing):
            raise IndexReplaced(f"another index has taken the place of {root}; open it again")
        if sealing != self._sealing:
            self.seal = self._seal_of(sealing)
        self._state = None
        self._sealing = sealing

    def _seal_of(self, sealing: dict[str, Any]) -> Seal:
        """By the newest of the keys that this object knows."""
        root = self.environment.root
        with suppress(IndexLocked):
            return seal_of(sealing, self._keys[-1], root)
        try:
            return seal_of(sealing, self._keys[0], root)
        except IndexLocked as fault:
            raise IndexLocked(f"{fault} since it was opened; open it again") from fault

    def opens_with(self, key: bytes) -> bool:
        """Whether a key is the one that the index has."""
        with suppress(IndexLocked):
            return bool(seal_of(read_manifest(self.environment.root)["sealing"], key, Path()))
        return False

    def learn(self, key: bytes) -> None:
        """Know a key that the index will have."""
        self._keys = [self._keys[0], key]

    def _is_restored(self, found: lmdb.Transaction[bytes], sealing: dict[str, Any]) -> bool:
        """Whether this may be the index that was opened, repaired when its manifests were lost."""
        if sealing.get("restored") is not True or self.seal.secret or self.seal.verify_only:
            return False
        return Ledger(found, self.seal).identity() == self.identity

    def end_log(self, end: LogEnd | None, write: Callable[[], None] | None = None) -> None:
        """Say where the decision log ends, after `write` has written that, which is not asked where
        nothing can be said; on disk when this returns."""
        pending = [write] if write else []

        def work(ledger: Ledger) -> None:
            while pending:  # once, though this may run again
                pending.pop()()
            ledger.end_log(end)

        self.change(work)

    def renumber(self, folder: Path) -> State:
        """Make a copied store's state one of the copy's own commits, and a new generation; the
        state that it was copied in."""
        size = (folder / "data.mdb").stat().st_size
        copied: State | None = None
        with named_store_faults(folder), open_store(folder, map_size=size + _ROOM) as env:
            for _ in range(2):  # once for each of LMDB's meta pages
                with env.begin(write=True) as transaction:
                    ledger = Ledger(transaction, self.seal, writing=True)
                    state = ledger.state()
                    copied = copied or state
                    ledger.commit_change(state)
        assert copied is not None
        return copied

    def state(self) -> State:
        return self.read(Ledger.state)

    def must_go_through(self) -> None:
        """Raises VerifyOnly where writers cannot be gone through."""
        if self.seal.verify_only:
            raise VerifyOnly(
                f"{self.environment.root} is a verify-only index: it can only verify a named "
                "writer, and cannot list or search writers"
            )


def rows_below(store: Keeper, end: int) -> Iterator[Rows]:
    """Rows of references with ids below `end`, each chunk by a read of its own."""
    start = 1
    while start < end:
        rows = store.read(partial(_chunk, start=start))
        if rows is None:
            return
        start = int(rows.ids[-1]) + 1
        kept = int(np.searchsorted(rows.ids, end))
        if kept:
            yield Rows(rows.ids[:kept], rows.writers[:kept], rows.vectors[:kept])


def _chunk(ledger: Records, start: int) -> Rows | None:
    return next(ledger.vectors_from(start, _CHUNK), None)
