"""The truth: writers and references in LMDB, each change one transaction, one generation."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from sigsearch.errors import IndexClosed, IndexCorrupt, VerifyOnly
from sigsearch.index import operations
from sigsearch.index.environment import Environment, Sync
from sigsearch.index.layout import Rows, State
from sigsearch.index.ledger import Ledger
from sigsearch.index.records import Reference, Writer, check_reference
from sigsearch.index.sealing import seal_at
from sigsearch.index.sharing import release, share
from sigsearch.index.tables import Tables

T = TypeVar("T")

_CHUNK = 65_536
_ROOM = 1 << 24  # bytes that two small commits take at the very most
_OVERHEAD = 2048  # bytes of a reference's other records and of the pages they lie in, at most


class Store:
    """Reads and changes of one index folder."""

    def __init__(
        self, root: Path, key: bytes | None, *, wait: float, sync: Sync = "full",
        read_only: bool = False,
    ) -> None:  # fmt: skip
        """Who only reads asks about a few writers at a time, scattered over the file."""
        self.seal = seal_at(root, key)
        self.wait = wait
        self._closed = False
        self.environment: Environment = share(root, sync, scattered=read_only)
        try:
            self.identity = self.read(Ledger.identity)
        except BaseException:
            release(self.environment)
            raise

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            release(self.environment)

    def must_be_open(self) -> None:
        """Raises IndexClosed after `close`."""
        if self._closed:
            raise IndexClosed(f"{self.environment.root} was closed; open it again")

    def read(self, work: Callable[[Ledger], T]) -> T:
        self.must_be_open()
        return self.environment.read(lambda tables: work(Ledger.opened(tables, self.seal)))

    def change(self, work: Callable[[Ledger], T], *, room: int = 0) -> T:
        self.must_be_open()
        return self.environment.write(
            lambda tables: work(Ledger.opened(tables, self.seal)), wait=self.wait, room=room
        )

    def enrol(self, references: Sequence[Reference]) -> int:
        """Store what is new; returns how many references that was."""
        for reference in references:
            check_reference(reference, self.identity.dimensions)
        if not references:
            return 0
        vector = _OVERHEAD + 4 * self.identity.dimensions
        room = sum(2 * (len(reference.local) + vector) for reference in references)
        return self.change(lambda ledger: operations.enrol(ledger, references), room=room)

    def forget(self, name: str) -> int:
        """Drop a writer with all references; returns how many those were."""
        return self.change(lambda ledger: operations.forget(ledger, name))

    def renumber(self, folder: Path) -> State:
        """Make a copied store's state one of the copy's own commits, and a new generation; the
        state that it was copied in."""
        import lmdb

        size = (folder / "data.mdb").stat().st_size
        copied: State | None = None
        with lmdb.open(os.fspath(folder), map_size=size + _ROOM) as env:
            for _ in range(2):  # once for each of LMDB's meta pages
                with env.begin(write=True) as transaction:
                    ledger = Ledger(Tables(transaction, writing=True), self.seal)
                    state = ledger.state()
                    copied = copied or state
                    ledger.commit_change(state)
        assert copied is not None
        return copied

    def put_setting(self, name: str, document: Mapping[str, Any]) -> None:
        """Keep a JSON document under a name; a change like any other."""

        def work(ledger: Ledger) -> None:
            ledger.put_setting(name, document)
            ledger.commit_change(ledger.state())

        self.change(work)

    def setting(self, name: str) -> dict[str, Any] | None:
        return self.read(lambda ledger: ledger.setting(name))

    def state(self) -> State:
        return self.read(Ledger.state)

    def writers(self) -> Iterator[Writer]:
        """Writers in order of enrolment; a page at a time, so that no snapshot is held open."""
        self.must_go_through()
        start, listed, first = 0, 0, self.state()
        while page := self.read(partial(operations.page_of_writers, start=start)):
            for writer_id, writer in page:
                start = writer_id + 1
                listed += 1
                yield writer
                self.must_be_open()
        if listed != first.writers and self.state().token == first.token:
            raise IndexCorrupt(
                f"{listed} of {first.writers} writers are listed; try `index verify`"
            )

    def references_of(
        self, names: Sequence[str], where: Mapping[str, str]
    ) -> list[list[Reference]]:
        """References of many writers that have the metadata `where`; empty for one who is not
        enrolled."""

        def work(ledger: Ledger) -> list[list[Reference]]:
            enrolled = [ledger.writer_id(name) is not None for name in names]
            return [
                operations.references_of(ledger, name) if there else []
                for name, there in zip(names, enrolled, strict=True)
            ]

        found = self.read(work)
        if not where:
            return found
        return [[one for one in held if where.items() <= one.metadata.items()] for held in found]

    def numbers(self, names: Sequence[str]) -> list[int | None]:
        """The writers' numbers, which are never given twice; None for one who is not enrolled."""
        return self.read(lambda ledger: [ledger.writer_id(name) for name in names])

    def must_go_through(self) -> None:
        """Raises VerifyOnly where writers cannot be gone through."""
        if self.seal.verify_only:
            raise VerifyOnly(
                f"{self.environment.root} is a verify-only index: it answers about a writer who "
                "is named, and cannot list or search writers"
            )

    def references(self, name: str) -> list[Reference]:
        return self.read(lambda ledger: operations.references_of(ledger, name))

    def has(self, content_hash: str, name: str | None) -> bool:
        return self.read(lambda ledger: operations.is_enrolled(ledger, content_hash, name))


def rows_below(store: Store, end: int) -> Iterator[Rows]:
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


def _chunk(ledger: Ledger, start: int) -> Rows | None:
    return next(ledger.vectors_from(start, _CHUNK), None)
