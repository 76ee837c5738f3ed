"""Parts made on this machine: a process a core reads and encodes, this one writes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from sigsearch.bulk.items import Item
from sigsearch.bulk.places import place_at
from sigsearch.bulk.rows import Row, failed, rows_of
from sigsearch.bulk.units import Unit
from sigsearch.bulk.writing import Counts, PartOrder, write_part
from sigsearch.encoder import ModelCard, shipped_folder
from sigsearch.errors import ReaderLost
from sigsearch.imaging.ahead import ahead
from sigsearch.imaging.crew import SPARED, Crew

if TYPE_CHECKING:
    from concurrent.futures import Future

    from sigsearch.bulk.job import Job

TOGETHER = 8
"""Items that are handed over at once."""


def run_on_cores(job: Job, workers: int, tell: Callable[[int, int], None]) -> list[Counts]:
    """Make all parts, one after the other; their inputs are read ahead."""
    place, made = place_at(job.out), list[Counts]()
    if not job.parts:
        return made
    spared = SPARED // TOGETHER if job.inputs <= SPARED else 0
    with Crew(workers, spared=spared) as crew:
        work = partial(_handed, crew, job.encoder)
        results = ahead(work, _chunks(job), crew.hands)
        rows = _Rows(results, job.inputs, tell)
        for number, (order, _) in enumerate(job.parts):
            made.append(write_part(place, order, rows.of(number)))
    return made


def make_part(out: str, encoder: str, order: PartOrder, units: Sequence[Unit]) -> Counts:
    """One part, by this process alone."""
    chunks = _in_chunks(item for unit in units for item in unit.items())
    rows = (row for chunk in chunks for row in rows_of(chunk, encoder))
    return write_part(place_at(out), order, rows)


def _in_chunks(items: Iterator[Item]) -> Iterator[list[Item]]:
    while chunk := list(islice(items, TOGETHER)):
        yield chunk


def _chunks(job: Job) -> Iterator[tuple[int, list[Item]]]:
    """The items of all parts, each with the place of its part in the job."""
    for number, (_, units) in enumerate(job.parts):
        for chunk in _in_chunks(item for unit in units for item in unit.items()):
            yield number, chunk


def _handed(crew: Crew, encoder: str, chunk: tuple[int, list[Item]]) -> list[Row]:
    """The rows of a chunk; where it kills who works on it, each item by itself."""
    _, items = chunk
    try:
        return crew.call(rows_of, items, encoder)
    except ReaderLost:
        return [row for item in items for row in _alone(crew, encoder, item)]


def _alone(crew: Crew, encoder: str, item: Item) -> list[Row]:
    try:
        return crew.call(rows_of, [item], encoder)
    except ReaderLost as fault:
        model = ModelCard.load(Path(encoder) if encoder else shipped_folder()).id
        return [failed(item, f"{fault.code}: {item.id}: {fault}", model)]


class _Rows:
    """The rows of one part after the other, as they come."""

    def __init__(
        self,
        results: Iterator[tuple[tuple[int, list[Item]], Future[list[Row]]]],
        whole: int,
        tell: Callable[[int, int], None],
    ) -> None:
        self._results, self._whole, self._tell = results, whole, tell
        self._next = next(results, None)
        self._done = 0

    def of(self, number: int) -> Iterator[Row]:
        while self._next is not None and self._next[0][0] == number:
            (_, items), future = self._next
            yield from future.result()
            self._done += len(items)
            self._tell(self._done, max(self._whole, self._done))
            self._next = next(self._results, None)
