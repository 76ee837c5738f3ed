"""How far clusters are searched: so far as they agree with exact search, and no farther."""

from __future__ import annotations

from typing import Any

import numpy as np

from sigsearch.index.local.layout import Rows
from sigsearch.index.search.structures.clusters import Clusters
from sigsearch.index.search.structures.protocol import Floats, Ids

# The same closest reference as exact search, as promised. A thousand asked tell it to within 0.3 %,
# so an eighth more lists than that takes are looked into.
_AGREEMENT = 0.99
_DEPTH, _RECALL = 10, 0.98  # of the closest references found: verification chooses among them
_GAIN = 0.001  # by twice as many probes; less is not worth them
_HALVES = range(2, 9)  # half as many entries as a code asks for are weighed more, and more
_WEIGHED = 32  # codes that are looked at in the time in which one entry is weighed


class Tuning:
    """Finds the least effort that agrees with exact search on references of the index itself.

    Each asked reference looks for its closest others. Entries are missed because their lists are
    not looked into, or because too few of what is near by code are weighed; both cost time, and
    the cheaper of both is given more.
    """

    def __init__(self, sample: Rows, asked: Ids) -> None:
        self._ids = sample.ids[asked]
        self._vectors: Floats = sample.vectors[asked]
        self._closest = np.full((len(asked), _DEPTH), -np.inf, np.float32)
        self._who = np.full((len(asked), _DEPTH), -1, np.int64)
        self._ranks: dict[int, Ids] = {}

    def see(self, rows: Rows) -> None:
        """Keep the closest others among these rows and those seen before."""
        import faiss

        module: Any = faiss  # its type stubs do not know this function
        count = min(_DEPTH + 1, len(rows.ids))  # one may be the asked reference itself
        similarity, found = module.knn(
            self._vectors, rows.vectors, count, metric=module.METRIC_INNER_PRODUCT
        )
        some = rows.ids[found]
        similarity[some == self._ids[:, None]] = -np.inf
        closest, who = np.hstack([self._closest, similarity]), np.hstack([self._who, some])
        best = np.argsort(-closest, axis=1, kind="stable")[:, :_DEPTH]
        self._closest = np.take_along_axis(closest, best, 1)
        self._who = np.take_along_axis(who, best, 1)

    def effort(self, clusters: Clusters) -> tuple[int, int, float]:
        """How many lists to probe, how many entries to weigh, and the rank-1 agreement by that."""
        found = []
        for halves in _HALVES:
            weighed = halves * clusters.code.looked_at // 2
            probes, agreement, recall = self._least(clusters, weighed)
            enough = agreement >= _AGREEMENT and recall >= _RECALL
            spent = probes * len(clusters) / clusters.lists + _WEIGHED * weighed
            found.append((enough, -spent if enough else recall, probes, weighed, agreement))
        _, _, probes, weighed, agreement = max(found)
        # The few asked may have been easy ones.
        return min(clusters.lists, -(-9 * probes // 8)), weighed, agreement

    def _least(self, clusters: Clusters, weighed: int) -> tuple[int, float, float]:
        """The fewest probes that agree where so many entries are weighed, and what they give; where
        none do, the fewest to which more add next to nothing."""
        too_few, probes = 0, 1
        agreement, recall = self._measured(clusters, probes, weighed)
        while (agreement < _AGREEMENT or recall < _RECALL) and probes < clusters.lists:
            better = self._measured(clusters, 2 * probes, weighed)
            if better[0] <= agreement and better[1] - recall < _GAIN:
                return probes, agreement, recall  # what is still missing, the codes miss
            too_few, probes, (agreement, recall) = probes, 2 * probes, better
        while probes - too_few > max(1, probes // 8):  # no need to tell more closely
            between = (too_few + probes) // 2
            fewer = self._measured(clusters, between, weighed)
            if fewer[0] >= _AGREEMENT and fewer[1] >= _RECALL:
                probes, (agreement, recall) = between, fewer
            else:
                too_few = between
        return probes, agreement, recall

    def _measured(self, clusters: Clusters, probes: int, weighed: int) -> tuple[float, float]:
        """Rank-1 agreement, and the share of the closest that are found."""
        if probes not in self._ranks:
            self._ranks[probes] = self._ranked(clusters, probes)
        hits = self._ranks[probes] <= weighed  # the asked one itself is among what is found
        return float(hits[:, 0].mean()), float(hits.mean())

    def _ranked(self, clusters: Clusters, probes: int) -> Ids:
        """Where the closest stand, from 0, among what is found by code; far behind, if nowhere."""
        count = _HALVES[-1] * clusters.code.looked_at // 2 + 1
        _, found = clusters.search(self._vectors, count, None, probes)
        ranks = np.full(self._who.shape, np.iinfo(np.int64).max)
        for column in range(_DEPTH):
            here = found == self._who[:, column, None]
            ranks[:, column] = np.where(here.any(axis=1), here.argmax(axis=1), ranks[:, column])
        return ranks
