"""How like each reference is to its own writer's others and to the nearest other writer's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sigsearch.arrays import Floats, Ids
from sigsearch.audit.enrolled import StoredReadings, Watch, members_of
from sigsearch.matching.local import LocalMatcher
from sigsearch.matching.similarity import pair_scores

RIVALS = 6  # other writers looked at closely, by global vector
_MOST = 12  # references of a writer that one is compared with


@dataclass(frozen=True, slots=True)
class Likeness:
    """For n references: own, the median pair score with the writer's others (NaN for an only one);
    rival: the highest median with another writer's references (NaN without other writers);
    rival_writer: that writer's number, or -1."""

    own: Floats
    rival: Floats
    rival_writer: Ids

    @property
    def levels(self) -> tuple[float, float]:
        """How like its own writer and how like the nearest other a reference usually is; NaN when
        there is one writer only."""
        if np.isnan(self.own).all() or np.isnan(self.rival).all():
            return float("nan"), float("nan")
        return float(np.nanmedian(self.own)), float(np.nanmedian(self.rival))


def measure_likeness(
    readings: StoredReadings, writers: Ids, near: Ids, matcher: LocalMatcher, watch: Watch
) -> Likeness:
    """`writers` (n,): the number of each reference's writer; `near` (n, k): those of the writers
    nearest to it, nearest first, itself among them or not, -1 where there are fewer."""
    members = members_of(writers)
    count = len(writers)
    own, rival = np.full(count, np.nan), np.full(count, np.nan)
    rival_writer = np.full(count, -1, np.int64)
    for row in watch(range(count), "comparing"):
        writer = int(writers[row])
        rivals = [n for n in near[row].tolist() if n not in (-1, writer)][:RIVALS]
        groups = [_some(members[writer], row)]
        groups += [_some(members[n], -1) for n in rivals]
        medians = _medians(readings, row, groups, matcher)
        own[row] = medians[0]
        if rivals:
            best = int(np.argmax(medians[1:]))
            rival[row], rival_writer[row] = medians[1 + best], rivals[best]
    return Likeness(own, rival, rival_writer)


def _some(rows: Ids, but: int) -> Ids:
    """`rows` without `but`; of many, those spread evenly over the order of enrolment."""
    others = rows[rows != but]
    if len(others) > _MOST:
        others = others[np.linspace(0, len(others) - 1, _MOST).astype(int)]
    chosen: Ids = others.astype(np.int64)
    return chosen


def _medians(
    readings: StoredReadings, row: int, groups: Sequence[Ids], matcher: LocalMatcher
) -> list[float]:
    some = readings[np.concatenate([np.array([row]), *groups])]
    scores = pair_scores(some[0], some[1:], matcher)[0]
    ends = np.cumsum([len(g) for g in groups])[:-1]
    parts = np.split(scores.astype(np.float64), ends)
    return [float(np.median(p)) if len(p) else float("nan") for p in parts]
