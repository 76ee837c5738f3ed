"""Whether every record of an index in a database is what was written, and its counts agree."""

from __future__ import annotations

from collections.abc import Iterator

from sigsearch.errors import IndexCorrupt
from sigsearch.index.care.integrity import Health
from sigsearch.index.local.layout import number_key
from sigsearch.index.postgres.ledger import PostgresLedger
from sigsearch.index.postgres.log import PostgresLog
from sigsearch.index.postgres.postgres_index import PostgresIndex

_PAGE = 1000
_SEALED = {"record": b"R", "vector": b"V", "tokens": b"L"}


def check(place: str, key: bytes | None = None, at_least: int = 0) -> Health:
    """Look at every record, count and line of the log; see `care.integrity.check_index`.

    Raises:
        IndexUnreachable, IndexMissing, IndexLocked.
    """
    with PostgresIndex.open(place, key=key, read_only=True) as index:
        try:
            problems, records = index.store.read(lambda ledger: _problems(ledger, index))
            state = index.state()
        except IndexCorrupt as fault:
            return Health(index.place, 0, 0, 0, (str(fault),), (), sound=False)
        if state.generation < at_least:
            problems.append(
                f"the index is of generation {state.generation}, not {at_least} or later: an older "
                "copy was put back"
            )
        try:
            records += sum(1 for _ in PostgresLog(index.store).entries())
        except IndexCorrupt as fault:
            problems.append(str(fault))
        counts = (records, state.writer_count, state.reference_count)
        return Health(index.place, *counts, tuple(problems), (), sound=not problems)


def _problems(ledger: PostgresLedger, index: PostgresIndex) -> tuple[list[str], int]:
    """What is wrong, and how many records were looked at."""
    state, seal = ledger.state(), index.store.seal
    problems, counted = list[str](), dict[int, int]()
    rows = 0
    for writer, number, sealed in _rows(ledger):
        counted[writer] = counted.get(writer, 0) + 1
        rows += 1
        for (what, tag), stored in zip(_SEALED.items(), sealed, strict=True):
            try:
                seal.whole(tag + number_key(number), stored)
            except IndexCorrupt as fault:
                problems.append(f"{what} of reference {number}: {fault}")
    writers = ledger.ask("SELECT id, record FROM {s}.writers ORDER BY id")
    if not seal.verify_only:
        problems += _wrong_writers(ledger, counted, [number for number, _ in writers])
    if (rows, len(writers)) != (state.reference_count, state.writer_count):
        problems.append(
            f"{rows} references of {len(writers)} writers are there, the state knows of "
            f"{state.reference_count} of {state.writer_count}"
        )
    if strays := sorted(set(counted) - {number for number, _ in writers}):
        problems.append(f"there are references of {len(strays)} writers that are not enrolled")
    try:
        ledger.centroids(index.identity.dimensions)
    except IndexCorrupt as fault:
        problems.append(f"the centroids of the clusters: {fault}")
    settings = ledger.settings()
    return problems, 1 + rows * len(_SEALED) + len(writers) + len(settings)


def _wrong_writers(
    ledger: PostgresLedger, counted: dict[int, int], numbers: list[int]
) -> Iterator[str]:
    for number in numbers:
        try:
            writer = ledger.writer(number)
        except IndexCorrupt as fault:
            yield f"writer {number}: {fault}"
            continue
        if ledger.writer_id(writer.name) != number:
            yield f"writer {number} is not found by the name"
        if counted.get(number, 0) != writer.reference_count:
            held = f"{counted.get(number, 0)} of {writer.reference_count}"
            yield f"{held} references of writer {number}"


def _rows(ledger: PostgresLedger) -> Iterator[tuple[int, int, list[bytes]]]:
    page = (
        "SELECT writer, id, record, vector, tokens FROM {s}.enrolled "
        "WHERE id > %s ORDER BY id LIMIT %s"
    )
    last = 0
    while found := ledger.ask(page, last, _PAGE):
        for writer, number, *sealed in found:
            yield writer, number, sealed
        last = found[-1][1]
