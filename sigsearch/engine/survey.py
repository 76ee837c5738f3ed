"""An index asked about itself: a sample of its references, each as a stranger to all other writers.

Nothing is encoded and nothing labelled: what is stored is searched and compared as a questioned
signature would be. It takes seconds (300 times 16 writers of 8 references at most), so it happens
while enrolling, when the index has grown by half since the last time or was never measured, and
never while a query waits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeVar

import numpy as np

from sigsearch.encoder import Embeddings, ModelCard
from sigsearch.engine.judge import Scores
from sigsearch.engine.suspected_copy import copied_among
from sigsearch.engine.template import fingerprint_of, originals_of, readings_of
from sigsearch.errors import CalibrationError, VerifyOnly
from sigsearch.index.index import Index
from sigsearch.index.records import Reference
from sigsearch.matching.calibration import Calibration, CalibrationSet
from sigsearch.matching.gallery import ranked
from sigsearch.matching.population import LEAST_WRITERS, Asked, Population, fit_population
from sigsearch.matching.rivals import RIVALS

SETTING = "population"
ASKED = 300
"""References asked at most: as many as speak of one in a hundred."""
CLOSE = 12  # other writers compared closely
WITH = 8  # references a writer that are compared: more have no calibration of their own
OTHERS = 4  # other writers drawn at random
_COPIES_FROM = 4.0  # how rare (minus the log of a rate): no copy is as ordinary as that
_KEPT = 512  # writers' references held in memory

T = TypeVar("T")
Weigh = Callable[[Embeddings, Sequence[Sequence[Reference]]], Scores]
"""How a questioned signature compares with the references of each of some writers."""


def read_population(
    document: Mapping[str, Any] | None, calibrations: CalibrationSet
) -> Population | None:
    """What an index measured last, as its setting has it, unless it was with another calibration
    or cannot be read."""
    if document is None:
        return None
    try:
        found = Population.from_setting(document)
    except CalibrationError:
        return None  # of another version: measured anew when the index grows
    return found if found.calibration == calibrations.identity else None


def measure_population(
    index: Index, card: ModelCard, calibrations: CalibrationSet, weigh: Weigh
) -> Population | None:
    """Ask the references of one another; what that shows. None when the index is too small, its
    calibration has nothing on random forgeries, or it is verify-only."""
    state = index.state()
    if state.writer_count < LEAST_WRITERS or not _knows_random(calibrations):
        return None
    index.catch_up()
    try:
        asked = list(_ask(index, card, calibrations, weigh))
    except VerifyOnly:
        return None
    return fit_population(
        asked,
        writers=state.writer_count,
        references=state.reference_count,
        calibration=calibrations.identity,
    )


def _knows_random(calibrations: CalibrationSet) -> bool:
    return any(c.proposition == "random" for c in calibrations.calibrations)


def _ask(
    index: Index, card: ModelCard, calibrations: CalibrationSet, weigh: Weigh
) -> Iterator[Asked]:
    writers = [writer.name for writer in index.writers()]
    random = np.random.default_rng(0)

    @lru_cache(_KEPT)
    def references_of(name: str) -> list[Reference]:
        # Empty for one who was forgotten meanwhile.
        return _spread(index.references_of([name])[0], WITH)

    def searched(questioned: Embeddings, groups: list[list[Reference]]) -> list[float]:
        chosen = [calibrations.choose_for_search(len(group)) for group in groups]
        return _rarities(chosen, weigh(questioned, groups).searched)

    def verified(questioned: Embeddings, groups: list[list[Reference]]) -> list[float]:
        chosen = [calibrations.choose("random", len(group)) for group in groups]
        return _rarities(chosen, weigh(questioned, groups).verified)

    for writer, picked, rest in _sample(writers, references_of):
        questioned = readings_of([picked], card)
        neighbours = index.search(questioned.vectors, CLOSE + 1)[0]
        groups = [references_of(n.writer) for n in neighbours if n.writer != writer]
        groups = [group for group in groups if group][:CLOSE]
        if not groups:
            continue
        scores = weigh(questioned, groups).searched
        chosen = [calibrations.choose_for_search(len(group)) for group in groups]
        first, *others_near = ranked(scores, chosen)
        drawn = random.permutation(len(writers))[: OTHERS + 1]
        others = [references_of(writers[n]) for n in drawn if writers[n] != writer]
        rival, near = groups[first], _rarities(chosen, scores)
        yield Asked(
            writer=writer,
            rival=rival[0].writer,
            best=near[first],
            own=searched(questioned, [rest])[0] if rest else float("nan"),
            others=tuple(verified(questioned, [one for one in others[:OTHERS] if one])),
            copied=near[first] > _COPIES_FROM and _is_copied(picked, questioned, rival, card),
            behind=tuple(sorted((near[n] for n in others_near), reverse=True)[:RIVALS]),
        )


def _rarities(chosen: Sequence[Calibration], scores: Sequence[float]) -> list[float]:
    return [one.rates.rarity(score) for one, score in zip(chosen, scores, strict=True)]


def _is_copied(
    picked: Reference, questioned: Embeddings, rival: Sequence[Reference], card: ModelCard
) -> bool:
    print_of_it = fingerprint_of(picked, card) or b""
    likeness = (readings_of(rival, card).vectors @ questioned.vectors[0]).tolist()
    originals = originals_of(rival, card)
    return copied_among(picked.content_hash, print_of_it, originals, likeness) is not None


def _sample(
    writers: Sequence[str], references_of: Callable[[str], list[Reference]]
) -> Iterator[tuple[str, Reference, list[Reference]]]:
    """Some references of writers spread evenly over the index, with their writers' others."""
    each = max(ASKED // len(writers), 1)
    for name in _spread(writers, ASKED):
        own = references_of(name)
        for picked in _spread(own, each):
            yield name, picked, [r for r in own if r is not picked]


def _spread(items: Sequence[T], count: int) -> list[T]:
    """`count` items evenly over all, or all."""
    if len(items) <= count:
        return list(items)
    return [items[n] for n in np.linspace(0, len(items) - 1, count).astype(int)]
