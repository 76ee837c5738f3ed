"""Walks everything an index has on disk and names what is bad."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sigsearch.errors import IndexCorrupt, IndexFault, IndexReadOnly
from sigsearch.index.care.compaction import strays, unproven_strays
from sigsearch.index.care.decision_log import DecisionLog
from sigsearch.index.local.contents import foreign, put_aside
from sigsearch.index.local.files import named_faults
from sigsearch.index.local.layout import State, number_key
from sigsearch.index.local.ledger import Ledger
from sigsearch.index.local.pages import check_files, check_meta_pages
from sigsearch.index.local.sharing import release, share
from sigsearch.index.local.writer_index import WriterIndex
from sigsearch.index.search.snapshot import read_snapshot
from sigsearch.schema import Jsonable

UNPROVEN = "it may hold what the index does not; delete it when it is no longer needed"


@dataclass(frozen=True, slots=True)
class Health(Jsonable):
    """What `check_index` found; `problems` are sentences, each naming its place.

    `notes` name what else lies in the folder: what a kill left, what was put aside, and what is
    not the index's own. They do not make it unsound.
    """

    path: str
    records: int
    writer_count: int
    reference_count: int
    problems: tuple[str, ...]
    notes: tuple[str, ...]
    sound: bool


def check_index(path: Path | str, key: bytes | None = None, at_least: int = 0) -> Health:
    """Check every page, record, link and file of an index. It changes nothing.

    Writers are kept out meanwhile, if this process may write. An index of a generation below
    `at_least` is an older copy that was put back.

    Raises:
        IndexMissing, IndexBusy.
    """
    root = Path(path)
    try:
        if astray := pages_astray(root):
            return _health(root, astray, 0, State(), [])
        with WriterIndex.open(root, key=key, read_only=True) as index, _undisturbed(index):
            problems, records = store_problems(index)
            problems += snapshot_problems(index)
            problems += log_problems(index)
            if records:
                problems += index.store.read(lambda one: _rollback(one, at_least))
            state = index.store.state() if records else State()
            return _health(root, problems, records, state, notes_on(index))
    except IndexCorrupt as fault:
        return _health(root, [str(fault)], 0, State(), [])


def pages_astray(root: Path, wait: float = 10.0) -> list[str]:
    """What is wrong with the pages of the store, found before LMDB walks them: it trusts what it
    reads, and pages that lead astray could end the process."""
    environment = share(root, "full")
    try:
        with ExitStack() as stack:
            with suppress(IndexReadOnly):
                stack.enter_context(environment.lock.held(wait))
            problems = list(_structure(environment.folder()))
    finally:
        release(environment)
    return [*problems, "the records were not checked"] if problems else []


def store_problems(index: WriterIndex) -> tuple[list[str], int]:
    """What is bad in the records of the store, and how many there are."""
    problems, records = index.store.read(_records)
    if not index.store.seal.verify_only:  # else only names open what is linked
        problems = problems or index.store.read(_links)
    return problems, records


def notes_on(index: WriterIndex) -> list[str]:
    """What else lies in the folder."""
    root = index.store.environment.root
    with named_faults(root):
        return _notes(index, root)


def _notes(index: WriterIndex, root: Path) -> list[str]:
    unproven = unproven_strays(index.store)
    return [
        *_of_format(index),
        *(
            f"{name} is left from an interrupted move; `index compact` erases it"
            for name in strays(root)
            if name not in unproven
        ),
        *(f"{name} is left as it is: {UNPROVEN}" for name in unproven),
        *(
            f"{name} was put aside by `index repair`; delete it when it is no longer needed"
            for name in put_aside(root)
        ),
        *(f"{name} does not belong to the index, and is left as it is" for name in foreign(root)),
    ]


def _of_format(index: WriterIndex) -> Iterator[str]:
    """What an index of format 1 lacks; and what a kill may leave in a log of format 2."""
    with suppress(IndexCorrupt):
        if index.store.state().log is None:
            yield (
                "the index has format 1, which does not know where the decision log ends; "
                "`sigsearch index migrate` brings it to the present one"
            )
        elif count := DecisionLog(index).beyond():
            yield (
                f"the decision log has {count} more than the index knows: a command was cut short, "
                "or somebody added to it"
            )


def _health(
    root: Path, problems: list[str], records: int, state: State, notes: list[str]
) -> Health:
    counts = (records, state.writer_count, state.reference_count)
    return Health(str(root), *counts, tuple(problems), tuple(notes), sound=not problems)


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
    check_files(folder)
    check_meta_pages(data)
    try:
        problems: list[str] = verify.verify(str(data))  # type: ignore[no-untyped-call]
    except verify.VerifyError as fault:
        problems = [str(fault)]
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
        if members[number] != writer.reference_count:
            problems.append(
                f"writer {number} has {members[number]} references, its record says "
                f"{writer.reference_count}"
            )
    total = sum(members.values())
    if (writers, total) != (state.writer_count, state.reference_count):
        problems.append(
            f"{writers} writers and {total} references are linked; the state says "
            f"{state.writer_count} and {state.reference_count}"
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


def _rollback(ledger: Ledger, at_least: int) -> list[str]:
    """Whether this is an older copy. The state lies open, also in an encrypted index; but the log
    of changes does not, and each of its records bears the token of one generation."""
    state = ledger.state()
    if state.generation and not ledger.follows(state):
        return [
            f"the log of changes does not know generation {state.generation} as the state has it"
        ]
    if state.generation < at_least:
        return [f"generation {state.generation} is older than {at_least}: a copy was put back"]
    return []


def log_problems(index: WriterIndex) -> list[str]:
    """Whether the decision log reads from its first line to the one that the state knows."""
    try:
        for _ in DecisionLog(index).entries():
            pass
    except IndexFault as fault:
        return [str(fault)]
    return []


def snapshot_problems(index: WriterIndex) -> list[str]:
    """Whether the snapshot is whole and says what the store says."""
    if index.store.seal.verify_only:
        return []
    try:
        cache = read_snapshot(index.store.environment.root, index.store.seal, whole=True)
        if cache is None:
            return []
        stale = not index.store.read(cache.follow)
    except (IndexFault, ValueError, RuntimeError) as fault:
        return [f"the search snapshot is damaged and not used: {fault}"]
    return ["the search snapshot is of another history and not used"] if stale else []
