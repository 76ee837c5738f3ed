"""The centroids of clusters: where they lie, and how the nearest are found.

A few thousand are trained and compared at once. More than that would make building the larger
part of the work (it grows with references times centroids), so they are trained in two steps and
found by a graph (FAISS HNSW).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sigsearch.index.search.structures.protocol import Floats, Ids

COMPARED_UP_TO = 4096
_ROUNDS = 10
_LINKS, _EFFORT = 16, 32  # of the graph: neighbours a node, nodes kept in sight
_SEEN = 8  # of a graph's nodes no more than one in so many are asked for


def trained(vectors: Floats, count: int) -> Any:
    """A FAISS index of `count` centroids of unit vectors (n, d), numbered from 0."""
    import faiss

    centroids = _in_two_steps(vectors, count) if count > COMPARED_UP_TO else _of(vectors, count)
    index: Any
    if count > COMPARED_UP_TO:
        index = faiss.IndexHNSWFlat(vectors.shape[1], _LINKS, faiss.METRIC_INNER_PRODUCT)
        index.hnsw.efSearch = _EFFORT
    else:
        index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(centroids)
    return index


def effort(index: Any, wanted: int) -> Any:
    """FAISS's parameters with which the `wanted` nearest of `trained` centroids are found."""
    import faiss

    module: Any = faiss  # its type stubs do not know the Python side of this class
    if not isinstance(index, faiss.IndexHNSW):
        return None
    return module.SearchParametersHNSW(efSearch=max(_EFFORT, 2 * wanted))


def finds(index: Any, wanted: int) -> bool:
    """Whether so many are found by searching `index`: a graph is blind to some of its nodes."""
    import faiss

    return not isinstance(index, faiss.IndexHNSW) or wanted * _SEEN <= int(index.ntotal)


def nearest(index: Any, asked: Floats, wanted: int) -> tuple[Floats, Ids]:
    """Closeness and numbers of the `wanted` nearest centroids of each asked vector."""
    import faiss

    if finds(index, wanted):
        found: tuple[Floats, Ids] = index.search(asked, wanted, params=effort(index, wanted))
    else:
        compared: Any = faiss.downcast_index(index.storage)
        found = compared.search(asked, wanted)
    return found


def _of(vectors: Floats, count: int) -> Floats:
    import faiss

    module: Any = faiss
    means = module.Kmeans(
        vectors.shape[1], count, niter=_ROUNDS, spherical=True,
        min_points_per_centroid=1, max_points_per_centroid=1 << 20,
    )  # fmt: skip
    means.train(np.ascontiguousarray(vectors))
    found: Floats = means.centroids
    return found


def _in_two_steps(vectors: Floats, count: int) -> Floats:
    """Centroids of the parts of a coarse division, as many a part as its share of the vectors."""
    coarse = _of(vectors, round(count**0.5))
    part = np.concatenate(
        [(piece @ coarse.T).argmax(axis=1) for piece in np.array_split(vectors, 64)]
    )
    ends = np.cumsum(np.bincount(part, minlength=len(coarse))) * count / len(vectors)
    shares = np.diff(np.rint(ends).astype(int), prepend=0)
    return np.concatenate(
        [_of(vectors[part == one], share) for one, share in enumerate(shares) if share]
    )
