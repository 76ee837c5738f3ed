"""Clusters from the store: train on a sample, take everything in, tune on the data."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from sigsearch.index.keeping import Keeper
from sigsearch.index.local.layout import State
from sigsearch.index.local.store import rows_below
from sigsearch.index.search.structures import centroids
from sigsearch.index.search.structures.clusters import Clusters
from sigsearch.index.search.structures.contest import affordable, fastest, measured
from sigsearch.index.search.structures.layered import LayeredStructure
from sigsearch.index.search.structures.protocol import Ids, Structure
from sigsearch.index.search.structures.tuning import Tuning

_TRAINING_PER_LIST = 48
_ASKED = 1024


def build_clusters(
    store: Keeper, state: State, owners: Ids, former: Structure | None, memory: int | None = None
) -> Clusters:
    """Cluster the references of a state of the store; fills `owners` (writer id by reference id).

    The store is read in short pieces, so that writing goes on meanwhile; what is forgotten
    before it was read is left out. Centroids of a former structure, or those that all machines
    share, serve again until there are twice as many lists to want. The code is the fastest within
    `memory` bytes a reference.
    """
    references, dimensions = state.reference_count, store.identity.dimensions
    lists = list_count(references)
    sample = store.read(lambda ledger: ledger.sample(lists * _TRAINING_PER_LIST + _ASKED))
    rng = np.random.default_rng(references)
    asked = rng.choice(len(sample.ids), min(_ASKED, len(sample.ids) // 8), replace=False)
    # Centroids lie nearer to what they were trained on than to what will be asked.
    training = np.delete(sample.vectors, asked, axis=0)
    trained = _known(store, former, lists)
    if trained is None:
        trained = centroids.trained(training, lists)
        if store.centroids is not None:
            store.centroids.keep(centroids.values(trained), state)
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
    clusters.probes, clusters.looked_at, clusters.recall = tuning.effort(clusters)
    return clusters


def _known(store: Keeper, former: Structure | None, lists: int) -> Any:
    """The centroids that are there and enough for so many lists, or None."""
    if store.centroids is not None:
        shared = store.centroids.read()
        found = None if shared is None else centroids.findable(shared)
    else:
        found = former.base.centroids() if isinstance(former, LayeredStructure) else None
    return found if found is not None and 2 * int(found.ntotal) > lists else None


def list_count(references: int) -> int:
    """Lists of about sqrt(n) / 4 entries each, a power of two."""
    return 1 << max(4, round(math.log2(4 * math.sqrt(references))))
