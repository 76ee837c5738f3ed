"""The centroids of an index's clusters, kept in the database for every machine that searches it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from sigsearch.arrays import Singles
from sigsearch.errors import IndexCorrupt, IndexFault
from sigsearch.index.local.layout import State

if TYPE_CHECKING:
    from sigsearch.index.postgres.store import PostgresStore


class PostgresCentroids:
    """A `CentroidBook`. Where it cannot be read or written, a machine trains for itself."""

    def __init__(self, store: PostgresStore) -> None:
        self._store = store

    def read(self) -> Singles | None:
        dimensions = self._store.identity.dimensions
        try:
            kept: Singles | None = self._store.read(lambda ledger: ledger.centroids(dimensions))
        except IndexCorrupt:
            return None  # `index check` reports it
        return kept

    def keep(self, centroids: Singles, state: State) -> None:
        with suppress(IndexFault):
            self._store.change(lambda ledger: ledger.put_centroids(centroids, state.generation))
