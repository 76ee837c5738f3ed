"""An index as another one of its own, in a folder or a database, record by record, and checked.

References go in the order of their age and keep their ids, and writers their numbers, so the new
index answers as the old one does, and its decision log means the same writers. At every moment it
holds the oldest references of the other, so a copy that was stopped goes on where it was.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import Any

from sigsearch.errors import IndexFault
from sigsearch.index.embedded import EmbeddedIndex
from sigsearch.index.keeping import Keeper, Records
from sigsearch.index.postgres.postgres_index import PostgresIndex
from sigsearch.index.records import Reference
from sigsearch.schema import Jsonable

Copyable = EmbeddedIndex | PostgresIndex
Batch = list[tuple[int, int, Reference]]
"""Reference ids, writer ids, references."""
Seen = Callable[[int], None]
"""Told how many references were copied."""

MARK = "copied"
"""The setting that says of what an index is a copy, and whether it is whole."""
_BATCH = 1024
_OVERHEAD = 8192


@dataclass(frozen=True, slots=True)
class Copy(Jsonable):
    """sha256: of all that the references hold, equal in both."""

    source: str
    target: str
    writer_count: int
    reference_count: int
    log_entries: int
    sha256: str


def copy_index(source: Copyable, target: Copyable, seen: Seen = lambda count: None) -> Copy:
    """Bring all of `source` into `target`, which is empty or what is left of a copy of the same
    index. Writers of both are kept out meanwhile.

    Raises:
        EncoderMismatch; VerifyOnly: the source cannot be gone through; IndexFault: the target holds
        something else, or is not as the source in the end.
    """
    source.store.must_go_through()
    target.store.must_go_through()
    target.require(source.identity)
    with source.writing(), target.writing():
        _begin(source, target)
        _copy_references(source.store, target.store, seen)
        told = source.store.read(_sha256)
        if target.store.read(_sha256) != told or not _as_many(source, target):
            raise IndexFault(
                f"{target.place} differs from {source.place}, which has changed since the copy "
                "began; delete the copy and start again"
            )
        settings = source.store.read(lambda ledger: ledger.settings())
        target.store.change(lambda ledger: _put_settings(ledger, settings))
        entries = target.put_log(source.decisions())
        target.put_setting(MARK, {"of": source.store.salt, "whole": True})
    state = target.state()
    return Copy(
        source.place, target.place, state.writer_count, state.reference_count, entries, told
    )


def _begin(source: Copyable, target: Copyable) -> None:
    mark = target.setting(MARK) or {}
    begun = {"of": source.store.salt, "whole": False}
    if mark == begun:
        return
    state = target.state()
    if state.generation or (state.log is not None and state.log.entries):
        raise IndexFault(
            f"{target.place} holds {state.reference_count} references and is not an unfinished "
            f"copy of {source.place}; copy to a new place"
        )
    target.put_setting(MARK, begun)


def _copy_references(source: Keeper, target: Keeper, seen: Seen) -> None:
    def work(ledger: Records) -> None:
        state = target.state()
        copied = state.reference_count
        for batch in _by_age(ledger, state.next_reference):
            room = sum(2 * (len(one.local) + _OVERHEAD) for _, _, one in batch)
            target.change(partial(_put, batch=batch), room=room)
            copied += len(batch)
            seen(copied)

    source.read(work)
    end = source.state()

    def finish(ledger: Records) -> None:
        state = ledger.state()
        if (state.next_reference, state.next_writer) != (end.next_reference, end.next_writer):
            state = replace(state, next_reference=end.next_reference, next_writer=end.next_writer)
            ledger.commit_change(state)

    target.change(finish)


def _put(ledger: Records, batch: Batch) -> None:
    state = ledger.state()
    counts: dict[int, int] = {}
    ledger.foresee(list({one.writer for _, _, one in batch}))
    for number, writer, one in batch:
        own = ledger.of(one.writer)
        if writer not in counts:
            known = ledger.writer_id(one.writer)
            counts[writer] = 0 if known is None else own.writer(writer).reference_count
            state = replace(state, writer_count=state.writer_count + (known is None))
        own.put_reference(number, writer, one)
        counts[writer] += 1
    for name, writer in {one.writer: writer for _, writer, one in batch}.items():
        ledger.of(name).put_writer(writer, name, counts[writer])
    ledger.commit_change(
        replace(
            state,
            reference_count=state.reference_count + len(batch),
            next_reference=batch[-1][0] + 1,
            next_writer=max(state.next_writer, *(writer + 1 for writer in counts)),
        )
    )


def _put_settings(ledger: Records, settings: dict[str, dict[str, Any]]) -> None:
    for name, document in settings.items():
        if name != MARK:
            ledger.put_setting(name, document)
    ledger.commit_change(ledger.state())


def _as_many(source: Copyable, target: Copyable) -> bool:
    states = source.state(), target.state()
    counts = [(one.writer_count, one.reference_count, one.next_writer) for one in states]
    return counts[0] == counts[1]


def _sha256(ledger: Records) -> str:
    digest = hashlib.sha256()
    for piece in _pieces(ledger):
        digest.update(len(piece).to_bytes(8, "big") + piece)
    return digest.hexdigest()


def _pieces(ledger: Records) -> Iterator[bytes]:
    for batch in _by_age(ledger, 1):
        for number, writer, one in batch:
            yield json.dumps([number, writer, one.to_dict()]).encode()
            yield one.vector.tobytes()
            yield one.local


def _by_age(ledger: Records, start: int) -> Iterator[Batch]:
    """References from id `start` on, with their writers' names."""
    rows, names = ledger.by_age(start), dict[int, str]()
    while batch := list(islice(rows, _BATCH)):
        unknown = list({writer for _, writer, _ in batch} - set(names))
        names.update(
            (n, one.name) for n, one in zip(unknown, ledger.writers_of(unknown), strict=True)
        )
        yield [(n, writer, replace(one, writer=names[writer])) for n, writer, one in batch]
