"""From the closest references to the closest writers."""

from __future__ import annotations

import numpy as np

from sigsearch.index.cache import Cache
from sigsearch.index.neighbours import Floats, Ids


def closest_writers(cache: Cache, vectors: Floats, count: int) -> tuple[Floats, Ids]:
    """Similarity and writer id, each (n, count): a writer stands where its best reference does.

    The top references name the top writers exactly as soon as they name `count` of them, so
    the search widens until they do.
    """
    size = len(cache.structure)
    asked = min(size, 4 * count)
    while True:
        similarity, ids = cache.structure.search(vectors, asked)
        owners = np.where(ids < 0, -1, cache.owners[ids])
        first = _first_of_each(owners)
        if asked >= size or bool((first.sum(axis=1) >= count).all()):
            return _gather(similarity, owners, first, count)
        asked = min(size, 4 * asked)


def _first_of_each(owners: Ids) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Marks, row by row, where a writer appears for the first time."""
    order = np.argsort(owners, axis=1, kind="stable")
    ranked = np.take_along_axis(owners, order, axis=1)
    new = np.ones(owners.shape, bool)
    new[:, 1:] = ranked[:, 1:] != ranked[:, :-1]
    new &= ranked >= 0
    first = np.zeros(owners.shape, bool)
    np.put_along_axis(first, order, new, axis=1)
    return first


def _gather(
    similarity: Floats, owners: Ids, first: np.ndarray[tuple[int, ...], np.dtype[np.bool_]],
    count: int,
) -> tuple[Floats, Ids]:  # fmt: skip
    columns = np.argsort(~first, axis=1, kind="stable")[:, :count]
    return (
        np.take_along_axis(similarity, columns, axis=1),
        np.take_along_axis(owners, columns, axis=1),
    )
