"""Clusters from the store: train on a sample, take everything in, tune on the data."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from sigsearch.index.local.layout import Rows, State
from sigsearch.index.local.store import Store, rows_below
from sigsearch.index.search.structures import centroids
from sigsearch.index.search.structures.clusters import Clusters
from sigsearch.index.search.structures.contest import affordable, fastest, measured
from sigsearch.index.search.structures.layered import LayeredStructure
from sigsearch.index.search.structures.protocol import Floats, Ids, Structure

_TRAINING_PER_LIST = 48
_ASKED = 1024
# The same closest reference as exact search, as promised. What is measured on so few asked may be
# a little off, so an eighth more lists than that takes are looked into.
_AGREEMENT = 0.99
_DEPTH, _RECALL = 10, 0.98  # of the closest references found
_GAIN = 0.001  # by twice as many probes; less is not worth them


def build_clusters(
    store: Store, state: State, owners: Ids, former: Structure | None, memory: int | None = None
) -> Clusters:
    """Cluster the references of a state of the store; fills `owners` (writer id by reference id).

    The store is read in short pieces, so that writing goes on meanwhile; what is forgotten
    before it was read is left out. The centroids of a former structure serve again until there
    are twice as many lists to want. The code is the fastest within `memory` bytes a reference.
    """
    references, dimensions = state.reference_count, store.identity.dimensions
    lists = list_count(references)
    sample = store.read(lambda ledger: ledger.sample(lists * _TRAINING_PER_LIST + _ASKED))
    rng = np.random.default_rng(references)
    asked = rng.choice(len(sample.ids), min(_ASKED, len(sample.ids) // 8), replace=False)
    # Centroids lie nearer to what they were trained on than to what will be asked.
    training = np.delete(sample.vectors, asked, axis=0)
    if isinstance(former, LayeredStructure) and 2 * former.base.lists > lists:
        trained = former.base.centroids()
    else:
        trained = centroids.trained(training, lists)
    lists = int(trained.ntotal)
    able = affordable(references, dimensions, lists, memory)
    times = measured(able, trained, references / lists, training) if len(able) > 1 else {}
    code = fastest(able, times)
    index = code.index(trained, dimensions, lists, training)
    clusters = Clusters(index, code, times=times)
    tuning = Tuning(sample, asked)
    for rows in rows_below(store, state.next_reference):
        clusters.add(rows.ids, rows.vectors)
        owners[rows.ids] = rows.writers
        tuning.see(rows)
    clusters.probes, clusters.recall = tuning.probes(clusters)
    return clusters


def list_count(references: int) -> int:
    """Lists of about sqrt(n) / 4 entries each, a power of two."""
    return 1 << max(4, round(math.log2(4 * math.sqrt(references))))


class Tuning:
    """Finds the fewest probes that agree with exact search on references of the index itself.

    Each asked reference looks for its closest others: the closest must be found, and most of the
    next ones, because verification chooses among them.
    """

    def __init__(self, sample: Rows, asked: Ids) -> None:
        self._ids = sample.ids[asked]
        self._vectors: Floats = sample.vectors[asked]
        self._closest = np.full((len(asked), _DEPTH), -np.inf, np.float32)
        self._who = np.full((len(asked), _DEPTH), -1, np.int64)

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

    def probes(self, clusters: Clusters) -> tuple[int, float]:
        """How many lists to probe, and the rank-1 agreement measured with that.

        What is found is weighed again with the vectors themselves, so what matters is that the
        closest are among somewhat more that are found by their codes.
        """
        too_few, probes = 0, 1
        agreement, recall = self._measured(clusters, probes)
        while (agreement < _AGREEMENT or recall < _RECALL) and probes < clusters.lists:
            better = self._measured(clusters, 2 * probes)
            if better[0] <= agreement and better[1] - recall < _GAIN:
                return probes, agreement  # what is still missing, the codes miss
            too_few, probes, (agreement, recall) = probes, 2 * probes, better
        while probes - too_few > max(1, probes // 8):  # no need to tell more closely
            between = (too_few + probes) // 2
            fewer = self._measured(clusters, between)
            if fewer[0] >= _AGREEMENT and fewer[1] >= _RECALL:
                probes, agreement = between, fewer[0]
            else:
                too_few = between
        # The few asked may have been easy ones.
        return min(clusters.lists, -(-9 * probes // 8)), agreement

    def _measured(self, clusters: Clusters, probes: int) -> tuple[float, float]:
        """Rank-1 agreement, and the share of the closest that are found, with so many probes."""
        _, found = clusters.search(self._vectors, clusters.code.looked_at + 1, None, probes)
        hits = (self._who[:, :, None] == found[:, None, :]).any(axis=2)
        return float(hits[:, 0].mean()), float(hits.mean())
