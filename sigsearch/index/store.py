"""The truth: writers and references in LMDB, each change one transaction, one generation."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from sigsearch.errors import IndexFault, WriterUnknown
from sigsearch.index.environment import (
    FORMAT,
    MANIFEST,
    Environment,
    Tables,
    release,
    share,
)
from sigsearch.index.files import named_faults, sync_folder, write_document
from sigsearch.index.ledger import Ledger
from sigsearch.index.locks import WriterLock
from sigsearch.index.records import EncoderIdentity, Reference, State, Writer, check_reference
from sigsearch.index.seal import Seal

T = TypeVar("T")
_PAGE = 512


class Store:
    """Reads and changes of one index folder."""

    def __init__(self, root: Path, *, wait: float) -> None:
        self.seal = Seal()
        self._wait = wait
        self.environment: Environment = share(root)
        try:
            self.identity = self.read(Ledger.identity)
        except BaseException:
            release(self.environment)
            raise

    def close(self) -> None:
        release(self.environment)

    def read(self, work: Callable[[Ledger], T]) -> T:
        return self.environment.read(lambda tables: work(Ledger(tables, self.seal)))

    def change(self, work: Callable[[Ledger], T]) -> T:
        return self.environment.write(
            lambda tables: work(Ledger(tables, self.seal)), wait=self._wait
        )

    def enrol(self, references: Sequence[Reference]) -> int:
        """Store what is new; returns how many references that was."""
        for reference in references:
            check_reference(reference, self.identity.dimensions)
        return self.change(lambda ledger: _enrol(ledger, references)) if references else 0

    def forget(self, name: str) -> int:
        """Drop a writer with all references; returns how many those were."""
        return self.change(lambda ledger: _forget(ledger, name))

    def put_setting(self, name: str, payload: bytes) -> None:
        self.change(lambda ledger: ledger.put("settings", name.encode(), payload))

    def setting(self, name: str) -> dict[str, Any] | None:
        return self.read(lambda ledger: ledger.setting(name))

    def state(self) -> State:
        return self.read(Ledger.state)

    def writers(self) -> Iterator[Writer]:
        """Writers in order of enrolment; a page at a time, so that no snapshot is held open."""
        start = 0
        while page := self.read(partial(_page, start=start)):
            for writer_id, writer in page:
                start = writer_id + 1
                yield writer

    def references(self, name: str) -> list[Reference]:
        return self.read(lambda ledger: _references(ledger, name))

    def has(self, content_hash: str, name: str | None) -> bool:
        return self.read(lambda ledger: _has(ledger, content_hash, name))


def create_store(root: Path, identity: EncoderIdentity) -> None:
    """Lay out an empty index; until its manifest stands there is no index, only a folder.

    Raises:
        IndexFault: there is an index already.
    """
    with named_faults(root):
        root.mkdir(parents=True, exist_ok=True)
    with WriterLock(root / "writer.lock").held(wait=5.0):
        if (root / MANIFEST).exists():
            raise IndexFault(f"{root} holds an index already; open it or choose another folder")
        folder = root / "store-1"
        with named_faults(root):
            if folder.exists():  # left by a creation that was cut short
                shutil.rmtree(folder)
            folder.mkdir()
            _fill(folder, identity)
            sync_folder(folder)
            sync_folder(root)
        write_document(root / MANIFEST, {"format": FORMAT, "store": folder.name})


def _fill(folder: Path, identity: EncoderIdentity) -> None:
    import lmdb

    with lmdb.open(os.fspath(folder)) as env, env.begin(write=True) as transaction:
        Ledger(Tables(transaction), Seal()).begin(identity)


def _enrol(ledger: Ledger, references: Sequence[Reference]) -> int:
    state = ledger.state()
    first = state.next_reference
    added: dict[str, int] = {}
    for reference in references:
        writer_id = ledger.writer_id(reference.writer)
        if writer_id is None:
            writer_id = state.next_writer
            state = replace(state, next_writer=writer_id + 1, writers=state.writers + 1)
            ledger.put_writer(writer_id, reference.writer, 0)
        elif ledger.has_hash(reference.content_hash, writer_id):
            continue
        ledger.put_reference(state.next_reference, writer_id, reference)
        state = replace(
            state, next_reference=state.next_reference + 1, references=state.references + 1
        )
        added[reference.writer] = added.get(reference.writer, 0) + 1
    for name, count in added.items():
        writer_id = ledger.writer_id(name)
        assert writer_id is not None
        ledger.put_writer(writer_id, name, ledger.writer(writer_id).references + count)
    if added:
        ledger.commit_change(state)
    return state.next_reference - first


def _forget(ledger: Ledger, name: str) -> int:
    writer_id = _known(ledger, name)
    removed = tuple(ledger.members(writer_id))
    for reference_id in removed:
        ledger.drop_reference(reference_id, writer_id)
    ledger.drop_writer(writer_id, name)
    state = ledger.state()
    ledger.commit_change(
        replace(state, references=state.references - len(removed), writers=state.writers - 1),
        removed,
    )
    return len(removed)


def _known(ledger: Ledger, name: str) -> int:
    writer_id = ledger.writer_id(name)
    if writer_id is None:
        raise WriterUnknown(f"no writer {name!r} is enrolled; `index list` shows who is")
    return writer_id


def _page(ledger: Ledger, start: int) -> list[tuple[int, Writer]]:
    page = []
    for entry in ledger.writers_from(start):
        page.append(entry)
        if len(page) == _PAGE:
            break
    return page


def _references(ledger: Ledger, name: str) -> list[Reference]:
    return [ledger.reference(number, name) for number in ledger.members(_known(ledger, name))]


def _has(ledger: Ledger, content_hash: str, name: str | None) -> bool:
    if name is None:
        return ledger.has_hash(content_hash, None)
    writer_id = ledger.writer_id(name)
    return writer_id is not None and ledger.has_hash(content_hash, writer_id)
