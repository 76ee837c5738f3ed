"""Clusters that never change, what was added since on top, what was removed masked out."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sigsearch.index.search.shelf import Shelf
from sigsearch.index.search.structures.clusters import Clusters
from sigsearch.index.search.structures.exact import ExactStructure
from sigsearch.index.search.structures.protocol import CLUSTERS, Floats, Ids, Mask

_WORN_SHARE = 0.1


class LayeredStructure:
    """Adding and removing cost nothing but a little speed, until it is built anew."""

    kind = CLUSTERS
    approximate = True

    def __init__(self, base: Clusters, absent: Mask, dimensions: int) -> None:
        """`absent` says of every id up to the highest that the base knows whether it is not
        there."""
        self.base = base
        self._highest = len(absent) - 1
        self._absent = np.packbits(absent)
        self._gone: Mask | None = None  # a byte a reference, once one was removed
        self._removed = 0
        self._recent = ExactStructure(dimensions)
        self._dimensions = dimensions

    @property
    def looked_at(self) -> int:
        return self.base.looked_at

    @property
    def recall(self) -> float:
        return self.base.recall

    def __len__(self) -> int:
        return len(self.base) - self._removed + len(self._recent)

    def add(self, ids: Ids, vectors: Floats) -> None:
        self._recent.add(ids, vectors)

    def remove(self, ids: Ids) -> None:
        old = ids[ids <= self._highest]
        if len(old):
            if self._gone is None:
                self._gone = _mask(self._absent, self._highest)
            self._removed += int((~self._gone[old]).sum())
            self._gone[old] = True
        self._recent.remove(ids[ids > self._highest])

    def search(
        self, vectors: Floats, count: int, allowed: Mask | None = None, effort: int = 1
    ) -> tuple[Floats, Ids]:
        if allowed is not None:  # a selector must know every id of the base
            effort *= max(1, int(len(allowed) / max(1, allowed.sum())))
        probes = self.base.probes * effort
        similarity, ids = self.base.search(vectors, count, allowed, probes)
        if self._removed or len(self._recent):
            if self._gone is not None:
                lost = (ids >= 0) & self._gone[ids]
                similarity[lost], ids[lost] = -np.inf, -1
            similarity, ids = self._with_recent(vectors, count, allowed, similarity, ids)
        return similarity, ids

    def worn(self) -> bool:
        return self._removed + len(self._recent) > _WORN_SHARE * len(self.base)

    def snapshot(self, shelf: Shelf) -> None:
        """Raises ValueError if there is anything but the base."""
        if self._removed or len(self._recent):
            raise ValueError("only freshly built clusters can be written")
        self.base.write(shelf)
        facts = np.array([self._highest, self._dimensions])
        shelf.put_arrays("base.npy", facts, self._absent)

    @classmethod
    def load(cls, shelf: Shelf) -> LayeredStructure:
        facts, bits = shelf.arrays("base.npy")
        highest, dimensions = facts.tolist()
        return cls(Clusters.read(shelf), _mask(bits, highest), dimensions)

    def _with_recent(
        self, vectors: Floats, count: int, allowed: Mask | None, similarity: Floats, ids: Ids
    ) -> tuple[Floats, Ids]:
        more, their_ids = self._recent.search(vectors, count, allowed)
        similarity, ids = np.hstack([similarity, more]), np.hstack([ids, their_ids])
        order = np.argsort(-similarity, axis=1, kind="stable")[:, :count]
        return np.take_along_axis(similarity, order, 1), np.take_along_axis(ids, order, 1)


def _mask(bits: npt.NDArray[np.uint8], highest: int) -> Mask:
    return np.unpackbits(bits, count=highest + 1).astype(bool)
