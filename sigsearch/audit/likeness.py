"""How like each reference is to its own writer's others and to the nearest other writer's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sigsearch.encoder import Embeddings
from sigsearch.matching.local import LocalMatcher
from sigsearch.matching.similarity import pair_scores

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
_RIVALS = 6  # other writers looked at closely, by global vector
_MOST = 12  # references of a writer that one is compared with


@dataclass(frozen=True, slots=True)
class Likeness:
    """For n references: own, the median pair score with the writer's others (NaN for an only one);
    rival: the highest median with another writer's references (NaN without other writers);
    rival_writer: that writer's number, or -1."""

    own: Floats
    rival: Floats
    rival_writer: Rows

    @property
    def levels(self) -> tuple[float, float]:
        """How like its own writer and how like the nearest other a reference usually is; NaN when
        there is one writer only."""
        if np.isnan(self.own).all() or np.isnan(self.rival).all():
            return float("nan"), float("nan")
        return float(np.nanmedian(self.own)), float(np.nanmedian(self.rival))


def measure_likeness(readings: Embeddings, writers: Rows, matcher: LocalMatcher) -> Likeness:
    """`writers`: the number of each reference's writer."""
    members = [np.flatnonzero(writers == n) for n in range(int(writers.max()) + 1)]
    count = len(writers)
    own, rival = np.full(count, np.nan), np.full(count, np.nan)
    rival_writer = np.full(count, -1, np.int64)
    for row in range(count):
        cosine = readings.vectors @ readings.vectors[row]
        rivals = _nearest_writers(cosine, writers, int(writers[row]))
        groups = [_some(members[int(writers[row])], row)]
        groups += [_some(members[n], -1) for n in rivals]
        medians = _medians(readings, row, groups, matcher)
        own[row] = medians[0]
        if rivals:
            best = int(np.argmax(medians[1:]))
            rival[row], rival_writer[row] = medians[1 + best], rivals[best]
    return Likeness(own, rival, rival_writer)


def _nearest_writers(cosine: Floats, writers: Rows, but: int) -> list[int]:
    """The writers of the nearest references, nearest first, without writer `but`."""
    found: list[int] = []
    for row in np.argsort(-cosine):
        writer = int(writers[row])
        if writer != but and writer not in found:
            found.append(writer)
            if len(found) == _RIVALS:
                break
    return found


def _some(rows: Rows, but: int) -> Rows:
    """`rows` without `but`; of many, those spread evenly over the order of enrolment."""
    others = rows[rows != but]
    if len(others) > _MOST:
        others = others[np.linspace(0, len(others) - 1, _MOST).astype(int)]
    chosen: Rows = others.astype(np.int64)
    return chosen


def _medians(
    readings: Embeddings, row: int, groups: Sequence[Rows], matcher: LocalMatcher
) -> list[float]:
    scores = pair_scores(readings[row], readings[np.concatenate(groups)], matcher)[0]
    ends = np.cumsum([len(g) for g in groups])[:-1]
    parts = np.split(scores.astype(np.float64), ends)
    return [float(np.median(p)) if len(p) else float("nan") for p in parts]
