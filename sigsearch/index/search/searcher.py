"""Answers from the cache, with the writers' records from the store of the same generation."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from contextlib import ExitStack, suppress

import numpy as np
import numpy.typing as npt

from sigsearch.errors import (
    IndexBusy,
    IndexCorrupt,
    IndexFault,
    IndexFull,
    IndexReadOnly,
    SnapshotDamaged,
)
from sigsearch.index.keeping import Keeper, Records
from sigsearch.index.local.forking import mind
from sigsearch.index.local.layout import State
from sigsearch.index.local.locks import Gate
from sigsearch.index.records import Writer
from sigsearch.index.results import Neighbours, nothing
from sigsearch.index.search.agreement import Agreement
from sigsearch.index.search.cache import Cache, Owners
from sigsearch.index.search.ranking import closest_writers
from sigsearch.index.search.snapshot import (
    build_lock,
    lay_out,
    publish,
    read_snapshot,
    snapshot_facts,
    snapshot_state,
)
from sigsearch.index.search.structures.choice import kind_for
from sigsearch.index.search.structures.protocol import CLUSTERS, NUMPY, Floats, Ids

SNAPSHOT_FROM = 2_000  # references; below, reading the store is as quick
# The share of references changed since the snapshot that makes it time for a new one.
_STALE_SHARE, _WORN_SHARE = 0.05, 0.1
_SENSELESS = (IndexError, ValueError, RuntimeError, TypeError)  # what altered files lead to
SEARCH_SETTING = "search"
"""The setting that holds how many bytes of memory a reference may take."""
_KEPT_WRITERS = 200_000  # records kept at hand between two generations


class Searcher:
    """Loads the cache when it is first needed and follows the store before every answer.

    Only one that may write builds what takes long to build, and writes snapshots; when its
    cache has worn it builds the next one in the background while the old one answers.
    """

    def __init__(self, store: Keeper, *, read_only: bool) -> None:
        self._store = store
        self._root = store.environment.root
        self._read_only = read_only
        self._gate = Gate()
        self._cache: Cache | None = None
        self._writers: dict[int, Writer] = {}
        self._distrusted = False  # the snapshot, once it was found damaged
        self._since = 0  # the generation at which the cache was built or loaded
        self._unwritten = b""  # the state whose snapshot could not be written
        self._builder: threading.Thread | None = None
        mind(self)

    def before_fork(self, patience: float) -> None:
        """Nothing is waited for: a child can read all of it anew."""

    def after_fork_in_parent(self) -> None:
        """Nothing was done before."""

    def after_fork_in_child(self) -> None:
        """A cache that another thread of the parent was changing is of no use."""
        if self._gate.taken():
            self._use(None)
        self._gate.reset()

    def kind(self) -> str:
        """The kind of structure that searches, or would."""
        cache = self._cache
        return cache.structure.kind if cache else kind_for(self._store.state().reference_count)

    def agreement(self) -> Agreement:
        """Of the loaded structure, or else of the one on disk; nothing is known where nothing is
        searched or clusters are not built."""
        if self._store.seal.verify_only:
            return Agreement()
        base = getattr(self._cache.structure, "base", None) if self._cache else None
        if base is not None:
            return Agreement.told(
                {"recall": base.recall, "code": base.code.name, "times": base.times}
            )
        if self.kind() != CLUSTERS:
            return Agreement(1.0)
        return Agreement.told(snapshot_facts(self._root, self._store.seal))

    def search(
        self, vectors: Floats, count: int, where: Mapping[str, str] | None = None
    ) -> Neighbours:
        while True:
            answer = None
            try:
                with self._gate:
                    answer = self._store.read(lambda one: self._answer(one, vectors, count, where))
            except SnapshotDamaged:
                self._distrusted, self._cache = True, None
            if answer is not None:
                return answer
            with self._gate.exclusive():
                self._store.read(self._follow)

    def drop(self) -> None:
        """Let go of the cache and its files; the next search loads it anew."""
        self.finish()
        with self._gate.exclusive():
            self._use(None)

    def renew_since(self, generation: int) -> None:
        """Let go of a cache that was built before a generation, and of what it only masks; where
        that is allowed, build another one first."""
        cache = self._cache
        if cache is None or self._since >= generation:
            return
        if not cache.structure.approximate:  # which takes out what is gone
            with self._gate.exclusive():
                self._store.read(self._follow)
            return
        if not self._read_only:
            self._renew_if_free()
        if self._since < generation:
            self.drop()

    def finish(self) -> None:
        """Wait for a build in the background."""
        if self._builder is not None:
            self._builder.join()
            self._builder = None

    def save_if_behind(self) -> None:
        """Write a snapshot when enough has changed since the last one."""
        self.finish()
        state = self._store.state()
        if state.reference_count < SNAPSHOT_FROM or self._read_only or self._store.seal.verify_only:
            return
        if state.token == self._unwritten:
            return
        saved = snapshot_state(self._root)
        if saved is None or self._distrusted or _stale(saved, state):
            self._renew_if_free()

    def renew(self) -> None:
        """Build what suits the store as it is, answer from it, and write it to disk.

        Raises:
            IndexBusy: another process is building, or erasing.
            IndexFull, IndexReadOnly: it is not on disk; this object answers from it all the same.
        """
        fault: IndexFault | None = None
        with ExitStack() as stack:
            try:
                stack.enter_context(build_lock(self._root).held(wait=0.0))
            except (IndexReadOnly, IndexFull) as error:
                fault = error
            cache = self._built()
            try:
                if fault is None:
                    self._write(cache)
                    if cache.structure.approximate:  # what is mapped need not be in memory
                        cache = self._load() or cache
            except (IndexBusy, IndexReadOnly, IndexFull) as error:
                fault = error
            with self._gate.exclusive():
                self._use(cache)
        if fault is not None:
            self._unwritten = cache.state.token
            raise fault

    def _write(self, cache: Cache) -> None:
        """Make the snapshot of a cache; keeps writers out for the last moment only."""
        draft = lay_out(self._store, cache)
        with self._store.environment.lock.held(self._store.wait):
            publish(draft)
        self._distrusted = False

    def _renew_if_free(self) -> None:
        """`renew`, unless another process is at it; what cannot be written is a cache only."""
        with suppress(IndexBusy, IndexReadOnly, IndexFull):
            self.renew()

    def _built(self) -> Cache:
        """All of the store in the structure that suits it best; may take minutes."""
        state = self._store.state()
        if kind_for(state.reference_count) != CLUSTERS:
            dimensions = self._store.identity.dimensions
            return self._store.read(lambda ledger: Cache.at_once(ledger, dimensions))
        from sigsearch.index.search.structures.clustering import build_clusters
        from sigsearch.index.search.structures.layered import LayeredStructure

        store = self._store
        owners = np.full(state.next_reference, -1, np.int64)
        former = self._cache.structure if self._cache else None
        try:
            memory = store.read(lambda ledger: ledger.setting(SEARCH_SETTING)) or {}
            clusters = build_clusters(store, state, owners, former, memory.get("memory"))
        except RuntimeError as fault:  # FAISS, of vectors that were never enrolled
            raise IndexCorrupt(
                f"the vectors cannot be clustered ({fault}); try `sigsearch index check`"
            ) from fault
        structure = LayeredStructure(clusters, owners < 0, self._store.identity.dimensions)
        return Cache(structure, owners, state)

    def _use(self, cache: Cache | None) -> None:
        self._cache, self._writers = cache, {}
        self._since = cache.state.generation if cache else 0

    def _answer(
        self, ledger: Records, vectors: Floats, count: int, where: Mapping[str, str] | None
    ) -> Neighbours | None:
        """None if the cache is not of the store's present generation."""
        state, cache = ledger.state(), self._cache
        if cache is None or cache.state.token != state.token:
            return None
        allowed, writers = None, state.writer_count
        if where:
            allowed = np.zeros(state.next_reference, bool)
            allowed[ledger.matching(where)] = True
            writers = len(np.unique(cache.owners[allowed]))
        count = min(count, writers)
        if count == 0:
            return nothing(len(vectors), state.generation)
        try:
            similarity, owners = closest_writers(cache, ledger, vectors, count, allowed)
        except _SENSELESS as fault:
            if not cache.from_disk:
                raise
            raise SnapshotDamaged(f"the search snapshot cannot be searched ({fault})") from fault
        if owners.min(initial=0) < 0:
            raise SnapshotDamaged("the search snapshot does not name the writers of its references")
        names, references = self._records(ledger, owners)
        return Neighbours(similarity, names, references, state.generation, writers)

    def _records(self, ledger: Records, owners: Owners) -> tuple[npt.NDArray[np.object_], Ids]:
        if len(self._writers) > _KEPT_WRITERS:
            self._writers = {}
        numbers, known = owners.ravel().tolist(), self._writers
        if unknown := [one for one in dict.fromkeys(numbers) if one not in known]:
            known.update(zip(unknown, ledger.writers_of(unknown), strict=True))
        writers = [known[number] for number in numbers]
        names = np.array([writer.name for writer in writers], object)
        references = np.array([writer.reference_count for writer in writers], np.int64)
        return names.reshape(owners.shape), references.reshape(owners.shape)

    def _follow(self, ledger: Records) -> None:
        self._writers = {}
        if self._cache is None:
            self._use(self._load())
        if self._cache is None or not self._followed(self._cache, ledger):
            self._use(Cache.at_once(ledger, self._store.identity.dimensions))
        assert self._cache is not None
        if not self._cache.structure.worn():
            return
        newer = self._load(self._since)  # another process may have built what suits
        if newer is not None and self._followed(newer, ledger):
            self._use(newer)
        elif self._cache.structure.kind == NUMPY:
            self._use(Cache.at_once(ledger, self._store.identity.dimensions))
        elif not self._read_only and (self._builder is None or not self._builder.is_alive()):
            self._builder = threading.Thread(target=self._renew_if_free, daemon=True)
            self._builder.start()

    def _followed(self, cache: Cache, ledger: Records) -> bool:
        """Whether a cache is now of the store's generation; never one that was altered on disk."""
        try:
            return cache.follow(ledger)
        except (*_SENSELESS, IndexCorrupt):
            if not cache.from_disk:
                raise
            self._distrusted = True
            return False

    def _load(self, beyond: int = -1) -> Cache | None:
        """The snapshot, if it is of a later generation than `beyond`."""
        saved = snapshot_state(self._root)
        if self._distrusted or saved is None or saved.generation <= beyond:
            return None
        try:
            return read_snapshot(self._root, self._store.seal)
        except IndexCorrupt:
            return None  # rebuilt from the store; `index check` reports it


def _stale(saved: State, now: State) -> bool:
    changed = (
        now.next_reference - saved.next_reference + abs(now.reference_count - saved.reference_count)
    )
    share = _WORN_SHARE if kind_for(now.reference_count) == CLUSTERS else _STALE_SHARE
    return changed > share * now.reference_count
