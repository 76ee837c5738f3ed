"""The search structure with what maps its ids to writers, brought up to date by generation."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sigsearch.errors import IndexCorrupt
from sigsearch.index.keeping import Records
from sigsearch.index.local.layout import State
from sigsearch.index.search.structures.choice import empty_exact, kind_for
from sigsearch.index.search.structures.protocol import FLAT, NUMPY, Floats, Ids, Structure
from sigsearch.index.search.structures.vectors import Originals

Owners = npt.NDArray[np.int32]


class Cache:
    """A structure as of one generation of the store; never ahead of it, never of another one."""

    def __init__(
        self, structure: Structure, owners: Ids, state: State, originals: Originals | None = None,
        *, from_disk: bool = False,
    ) -> None:  # fmt: skip
        self.structure = structure
        self.from_disk = from_disk  # what lies there may have been altered
        self._originals = originals  # the vectors, where the structure holds codes only
        self.state = state
        self._owners = _narrow(owners)  # with room for ids to come
        self.owners = self._owners[: state.next_reference]
        """Writer id by reference id, -1 where there is none."""

    def similarity(self, ledger: Records, vectors: Floats, ids: Ids) -> Floats:
        """Of each of (n, d) vectors with the references of its (n, k) ids; -inf where that is -1.

        Every reference's vector is found sound before it is used.
        """
        if self._originals is None:
            similarity, missing = np.full(ids.shape, -np.inf, np.float32), ids >= 0
        else:
            similarity, lacking = self._originals.similarity(vectors, ids)
            if lacking is None:
                return similarity
            missing = lacking & (ids >= 0)
        if missing.any():
            stored = ledger.vectors_of(ids[missing]).vectors
            similarity[missing] = np.einsum("nd,nd->n", stored, vectors[np.nonzero(missing)[0]])
        return similarity

    @classmethod
    def at_once(cls, ledger: Records, dimensions: int) -> Cache:
        """All of the store, read afresh into a structure that needs no training."""
        state = ledger.state()
        kind = NUMPY if kind_for(state.reference_count) == NUMPY else FLAT
        cache = cls(empty_exact(kind, dimensions), np.full(1, -1, np.int64), State())
        cache._take_in(ledger, state)
        return cache

    def follow(self, ledger: Records) -> bool:
        """Catch up with the store; False if the log no longer says how, or tells another story."""
        state = ledger.state()
        if state.token == self.state.token:
            self._must_hold(state)
            return True
        if not self.descends(ledger, state):
            return False
        removed: list[int] = []
        for generation in range(self.state.generation + 1, state.generation + 1):
            change = ledger.change(generation)
            if change is None:
                return False
            removed.extend(change.removed)
        known = np.array([one for one in removed if one < self.state.next_reference], np.int64)
        self.structure.remove(known)
        self._owners[known] = -1
        self._take_in(ledger, state)
        return True

    def descends(self, ledger: Records, state: State) -> bool:
        """Whether this cache's generation is one of the store's own past."""
        return self.state.generation < state.generation and ledger.follows(self.state)

    def _take_in(self, ledger: Records, state: State) -> None:
        """Add what the store holds beyond this cache's last reference."""
        self._reserve(state.next_reference)
        for rows in ledger.vectors_from(self.state.next_reference):
            self.structure.add(rows.ids, rows.vectors)
            self._owners[rows.ids] = _narrow(rows.writers)
        self._must_hold(state)
        self.state, self.owners = state, self._owners[: state.next_reference]

    def _must_hold(self, state: State) -> None:
        if len(self.structure) != state.reference_count:
            raise IndexCorrupt(
                f"{len(self.structure)} vectors are found of {state.reference_count} references; "
                "try `sigsearch index check`"
            )

    def _reserve(self, size: int) -> None:
        if size > len(self._owners):
            grown = np.full(max(size, 2 * len(self._owners)), -1, np.int32)
            grown[: len(self._owners)] = self._owners
            self._owners = grown


def _narrow(writers: Ids) -> Owners:
    """Half the memory. No store holds writers whose numbers do not fit: it would be as large as
    what can be addressed."""
    if writers.max(initial=0) > np.iinfo(np.int32).max:
        raise IndexCorrupt("a reference names a writer who was never enrolled; `index check` tells")
    return writers.astype(np.int32, copy=False)
