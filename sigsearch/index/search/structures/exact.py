"""Exact search by one matrix product: nothing to import, nothing to train."""

from __future__ import annotations

import numpy as np

from sigsearch.index.search.shelf import Shelf
from sigsearch.index.search.structures.protocol import NUMPY, NUMPY_UP_TO, Floats, Ids, Mask


class ExactStructure:
    """All vectors in one growing array; a removed row is overwritten by the last one."""

    kind = NUMPY
    approximate = False
    looked_at = 1
    recall = 1.0

    def __init__(self, dimensions: int) -> None:
        self._vectors: Floats = np.zeros((64, dimensions), np.float32)
        self._ids: Ids = np.zeros(64, np.int64)
        self._rows: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, ids: Ids, vectors: Floats) -> None:
        start, end = len(self), len(self) + len(ids)
        if end > len(self._ids):
            self._reserve(max(end, 2 * len(self._ids)))
        self._vectors[start:end] = vectors
        self._ids[start:end] = ids
        self._rows.update(zip(ids.tolist(), range(start, end), strict=True))

    def remove(self, ids: Ids) -> None:
        for number in ids.tolist():
            row = self._rows.pop(number, None)
            if row is None:
                continue
            last = len(self._rows)
            if row != last:
                self._vectors[row] = self._vectors[last]
                self._ids[row] = self._ids[last]
                self._rows[int(self._ids[row])] = row
            self._vectors[last] = 0

    def search(
        self, vectors: Floats, count: int, allowed: Mask | None = None, effort: int = 1
    ) -> tuple[Floats, Ids]:
        size = len(self._rows)
        similarity = vectors @ self._vectors[:size].T
        if allowed is not None:
            similarity[:, ~allowed[self._ids[:size]]] = -np.inf
        rows, found = _largest(similarity, min(count, size))
        ids = self._ids[rows]
        if allowed is not None:
            ids[np.isneginf(found)] = -1
        return (found, ids) if count <= size else _padded(found, ids, count)

    def worn(self) -> bool:
        return len(self) > NUMPY_UP_TO

    def snapshot(self, shelf: Shelf) -> None:
        size = len(self)
        shelf.put_arrays("structure", self._ids[:size], self._vectors[:size])

    @classmethod
    def load(cls, shelf: Shelf) -> ExactStructure:
        ids, vectors = shelf.arrays("structure")
        structure = cls(vectors.shape[1])
        structure.add(ids, vectors)
        return structure

    def _reserve(self, rows: int) -> None:
        vectors = np.zeros((rows, self._vectors.shape[1]), np.float32)
        ids = np.zeros(rows, np.int64)
        vectors[: len(self)] = self._vectors[: len(self)]
        ids[: len(self)] = self._ids[: len(self)]
        self._vectors, self._ids = vectors, ids


def _largest(similarity: Floats, count: int) -> tuple[Ids, Floats]:
    """Columns and values of the `count` largest of each row, largest first."""
    row, size = np.arange(len(similarity))[:, None], similarity.shape[1]
    if count < size:
        some = similarity.argpartition(size - count, axis=1)[:, size - count :]
    else:
        some = np.broadcast_to(np.arange(size), similarity.shape)
    values = similarity[row, some]
    order = (-values).argsort(axis=1, kind="stable")
    return some[row, order], values[row, order]


def _padded(found: Floats, ids: Ids, count: int) -> tuple[Floats, Ids]:
    edge = ((0, 0), (0, count - found.shape[1]))
    return (
        np.pad(found, edge, constant_values=-np.inf),
        np.pad(ids, edge, constant_values=-1),
    )
