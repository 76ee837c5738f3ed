"""The writers near each reference by the global reading: only these are looked at closely, so that
the work grows with the references and not with their square."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sigsearch.arrays import Ids, Singles
from sigsearch.audit.enrolled import Enrolled, Near, Watch, members_of

_CHUNK = 256  # references asked about at once


def nearest_writers(
    enrolled: Enrolled, names: Sequence[str], writers: Ids, count: int, watch: Watch
) -> Ids:
    """Numbers (n, count) of the writers nearest to each reference, its own among them, nearest
    first; -1 where there are fewer. `writers` (n,): whose each is, as a number in `names`."""
    number = {name: n for n, name in enumerate(names)}
    near = enrolled.near or _among_all(enrolled, names, writers)
    found = np.full((len(writers), count), -1, np.int64)
    for start in watch(range(0, len(writers), _CHUNK), "searching"):
        rows = np.arange(start, min(start + _CHUNK, len(writers)))
        vectors = enrolled.readings[rows].vectors
        for row, who in zip(rows, near(vectors, count), strict=True):
            # A writer may have been enrolled since the audit began.
            known = [number[name] for name in who if name in number]
            found[row, : len(known)] = known
    return found


def _among_all(enrolled: Enrolled, names: Sequence[str], writers: Ids) -> Near:
    """By comparing with everything, which must be at hand."""
    members = members_of(writers)
    vectors = enrolled.readings[np.concatenate(members)].vectors
    firsts = np.cumsum([0, *map(len, members[:-1])])

    def near(asked: Singles, count: int) -> list[list[str]]:
        best = np.maximum.reduceat(asked @ vectors.T, firsts, axis=1)
        some = np.argpartition(-best, min(count, len(names)) - 1, axis=1)[:, :count]
        order = np.argsort(-np.take_along_axis(best, some, 1), axis=1, kind="stable")
        return [[names[n] for n in row] for row in np.take_along_axis(some, order, 1).tolist()]

    return near
