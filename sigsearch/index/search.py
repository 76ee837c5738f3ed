"""Answers from the cache, with the writers' records from the store of the same generation."""

from __future__ import annotations

import numpy as np

from sigsearch.errors import IndexBusy, IndexCorrupt, IndexFull, IndexReadOnly
from sigsearch.index.cache import Cache
from sigsearch.index.layout import State
from sigsearch.index.ledger import Ledger
from sigsearch.index.locks import Gate
from sigsearch.index.neighbours import Floats, Ids, kind_for
from sigsearch.index.ranking import closest_writers
from sigsearch.index.records import Writer
from sigsearch.index.results import Neighbours
from sigsearch.index.snapshot import read_snapshot, write_snapshot
from sigsearch.index.store import Store

SNAPSHOT_FROM = 2_000  # references; below, reading the store is as quick
_STALE_SHARE = 0.05  # of the references changed since the snapshot: time for a new one


class Searcher:
    """Loads the cache when it is first needed and follows the store before every answer."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._gate = Gate()
        self._cache: Cache | None = None
        self._saved: State | None = None
        self._writers: dict[int, Writer] = {}

    def kind(self) -> str:
        """The kind of structure that searches, or would."""
        cache = self._cache
        return cache.structure.kind if cache else kind_for(self._store.state().references)

    def search(self, vectors: Floats, count: int) -> Neighbours:
        while True:
            with self._gate.shared():
                answer = self._store.read(lambda ledger: self._answer(ledger, vectors, count))
            if answer is not None:
                return answer
            with self._gate.exclusive():
                self._store.read(self._follow)

    def save_if_behind(self) -> None:
        """Write a snapshot when enough has changed since the last one."""
        state = self._store.state()
        if state.references < SNAPSHOT_FROM:
            return
        with self._gate.exclusive():
            self._store.read(self._follow)
            assert self._cache is not None
            if self._saved is not None and not _stale(self._saved, self._cache.state):
                return
            try:
                with self._store.environment.lock.held(wait=0.0):
                    write_snapshot(self._store.environment.root, self._cache)
                    self._saved = self._cache.state
            except (IndexBusy, IndexReadOnly, IndexFull):
                return  # a cache only: the store has everything

    def _answer(self, ledger: Ledger, vectors: Floats, count: int) -> Neighbours | None:
        """None if the cache is not of the store's present generation."""
        state, cache = ledger.state(), self._cache
        if cache is None or cache.state.token != state.token:
            return None
        count = min(count, state.writers)
        if count == 0:
            empty = (len(vectors), 0)
            return Neighbours(
                np.zeros(empty, np.float32), np.zeros(empty, object), np.zeros(empty, np.int64),
                state.generation,
            )  # fmt: skip
        similarity, owners = closest_writers(cache, vectors, count)
        names, references = self._records(ledger, owners)
        return Neighbours(similarity, names, references, state.generation)

    def _records(
        self, ledger: Ledger, owners: Ids
    ) -> tuple[np.ndarray[tuple[int, ...], np.dtype[np.object_]], Ids]:
        names = np.empty(owners.size, object)
        references = np.empty(owners.size, np.int64)
        for place, number in enumerate(owners.ravel().tolist()):
            writer = self._writers.get(number)
            if writer is None:
                writer = self._writers[number] = ledger.writer(number)
            names[place], references[place] = writer.name, writer.references
        return names.reshape(owners.shape), references.reshape(owners.shape)

    def _follow(self, ledger: Ledger) -> None:
        self._writers = {}
        if self._cache is None:
            self._cache = self._load()
        if self._cache is None or not self._cache.follow(ledger):
            self._cache = Cache.built(ledger, self._store.identity.dimensions)

    def _load(self) -> Cache | None:
        try:
            cache = read_snapshot(self._store.environment.root)
        except IndexCorrupt:
            return None  # rebuilt from the store; `index verify` reports it
        self._saved = cache.state if cache else None
        return cache


def _stale(saved: State, now: State) -> bool:
    changed = now.next_reference - saved.next_reference + abs(now.references - saved.references)
    return changed > _STALE_SHARE * now.references
