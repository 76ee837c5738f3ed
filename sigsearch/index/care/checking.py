"""Walks everything an index has on disk and names what is bad."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sigsearch.errors import IndexCorrupt, IndexFault, IndexReadOnly
from sigsearch.index.care.moving import strays
from sigsearch.index.index import WriterIndex
from sigsearch.index.layout import State, number_key
from sigsearch.index.ledger import Ledger
from sigsearch.index.snapshot import read_snapshot


@dataclass(frozen=True, slots=True)
class Health:
    """What `verify_index` found; `problems` are sentences, each naming its place."""

    path: str
    records: int
    writers: int
    references: int
    problems: tuple[str, ...]

    @property
    def sound(self) -> bool:
        return not self.problems

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "problems": list(self.problems), "sound": self.sound}


def verify_index(path: Path | str, key: bytes | None = None) -> Health:
    """Check every page, record, link and file of an index. It changes nothing.

    Writers are kept out meanwhile, if this process may write.

    Raises:
        IndexMissing, IndexBusy.
    """
    root = Path(path)
    try:
        with WriterIndex.open(root, key=key, read_only=True) as index, _undisturbed(index):
            problems = list(_structure(index.store.environment.folder()))
            if problems:  # LMDB must not walk pages that lead astray
                return _health(root, [*problems, "the records were not checked"])
            problems, records = index.store.read(_records)
            if not index.store.seal.verify_only:  # else only names open what is linked
                problems = problems or index.store.read(_links)
                problems += _snapshot(index)
            problems += [f"{one.name} is left from an interrupted move" for one in strays(root)]
            return _health(root, problems, records, index.store.state())
    except IndexCorrupt as fault:
        return _health(root, [str(fault)])


def _health(
    root: Path, problems: list[str], records: int = 0, state: State | None = None
) -> Health:
    state = state or State()
    return Health(str(root), records, state.writers, state.references, tuple(problems))


@contextmanager
def _undisturbed(index: WriterIndex) -> Iterator[None]:
    """Keep writers out, unless this process could not write either."""
    with ExitStack() as stack:
        with suppress(IndexReadOnly):
            stack.enter_context(index.store.environment.lock.held(index.store.wait))
        yield


def _structure(folder: Path) -> Iterator[str]:
    """Problems of LMDB's own pages, found without trusting them to LMDB."""
    from lmdb import verify

    data = folder / "data.mdb"
    problems: list[str] = verify.verify(str(data))  # type: ignore[no-untyped-call]
    yield from (f"{data.name}: {problem}" for problem in problems)


def _records(ledger: Ledger) -> tuple[list[str], int]:
    """Records that do not open, and how many there are."""
    problems, count, last = [], 0, b""
    for key, fault in ledger.faults():
        count += 1
        if fault:
            problems.append(fault)
        if key <= last:
            problems.append(f"record {key.hex()} is out of order")
        last = key
    return problems, count


def _links(ledger: Ledger) -> list[str]:
    """Records that do not agree with each other."""
    state, problems = ledger.state(), []
    members: Counter[int] = Counter()
    writers = 0
    for number, writer in ledger.writers_from(0):
        writers += 1
        if ledger.writer_id(writer.name) != number:
            problems.append(f"writer {number} is not found by name")
        for reference_id in ledger.members(number):
            members[number] += 1
            problems += _reference(ledger, number, reference_id)
        if members[number] != writer.references:
            problems.append(
                f"writer {number} has {members[number]} references, its record says "
                f"{writer.references}"
            )
    total = sum(members.values())
    if (writers, total) != (state.writers, state.references):
        problems.append(
            f"{writers} writers and {total} references are linked; the state says "
            f"{state.writers} and {state.references}"
        )
    for table, expected in (
        ("names", writers), ("references", total), ("vectors", total), ("locals", total),
        ("members", total), ("hashes", total),
    ):  # fmt: skip
        held = ledger.count(table)
        if held != expected:
            problems.append(f"table {table!r} holds {held} records, not {expected}")
    return problems


def _reference(ledger: Ledger, writer_id: int, reference_id: int) -> list[str]:
    """Problems of one reference."""
    owner, vector = ledger.vector(reference_id)
    noted, content_hash = ledger.origin(reference_id)
    problems = []
    if {owner, noted} != {writer_id}:
        problems.append(f"reference {reference_id} belongs to {owner} and {noted}, not {writer_id}")
    if not math.isclose(float(np.linalg.norm(vector)), 1.0, abs_tol=1e-2):
        problems.append(f"the vector of reference {reference_id} is not of unit length")
    if not ledger.has_hash(content_hash, writer_id):
        problems.append(f"reference {reference_id} is not found by content hash")
    ledger.need("locals", number_key(reference_id))
    return problems


def _snapshot(index: WriterIndex) -> list[str]:
    """Whether the snapshot is whole and says what the store says."""
    try:
        cache = read_snapshot(index.store.environment.root, index.store.seal, whole=True)
        if cache is None:
            return []
        stale = not index.store.read(cache.follow)
    except (IndexFault, ValueError, RuntimeError) as fault:
        return [f"the search snapshot is damaged and not used: {fault}"]
    return ["the search snapshot is of another history and not used"] if stale else []
