"""The centroids of clusters: where they lie, and how the nearest are found.

A few hundred are compared one by one. Of more than that, short codes are looked at first (FAISS PQ
FastScan), and only those that are the nearest by code are compared. That finds the same lists but
for one in a hundred of the farthest, and touches a tenth of the memory, so that what else a query
needs stays in the processor's cache.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sigsearch.index.search.structures.protocol import Floats, Ids
from sigsearch.index.search.structures.threads import one_thread

COMPARED_UP_TO = 256
_ROUNDS, _MOVES = 10, 4  # of training from nothing, and after two steps
_PART = 2  # coordinates that a code of four bits stands for
_SURE = 16  # so many are compared where the very nearest is wanted, to take references in
_MORE = 2.0  # so many times as many as are wanted are compared where lists are looked into


def trained(vectors: Floats, count: int) -> Any:
    """A FAISS index of `count` centroids of unit vectors (n, d), numbered from 0."""
    if count <= COMPARED_UP_TO:
        return findable(_of(vectors, count))
    return findable(_settled(vectors, _in_two_steps(vectors, count)))


def findable(centroids: Floats) -> Any:
    """A FAISS index of centroids (n, d)."""
    import faiss

    if len(centroids) <= COMPARED_UP_TO or centroids.shape[1] % _PART:
        index: Any = faiss.IndexFlatIP(centroids.shape[1])
    else:
        index = _coded(centroids)
    index.add(np.ascontiguousarray(centroids))
    return index


def values(index: Any) -> Floats:
    """The centroids (n, d) of `findable`."""
    found: Floats = index.reconstruct_n(0, index.ntotal)
    return found


def _coded(centroids: Floats) -> Any:
    """An empty index that looks at codes first, made for vectors such as these."""
    import faiss

    dimensions = centroids.shape[1]
    codes: Any = faiss.IndexPQFastScan(
        dimensions, dimensions // _PART, 4, faiss.METRIC_INNER_PRODUCT
    )
    codes.pq.cp.min_points_per_centroid = 1
    with one_thread():
        codes.train(np.ascontiguousarray(centroids))
    index: Any = faiss.IndexRefine(codes, faiss.IndexFlatIP(dimensions))
    index.k_factor = _SURE
    return index


def effort(index: Any, wanted: int) -> Any:
    """FAISS's parameters with which the `wanted` nearest of `findable` centroids are found."""
    import faiss

    module: Any = faiss  # its type stubs do not know the Python side of this class
    if not isinstance(index, faiss.IndexRefine):
        return None
    return module.IndexRefineSearchParameters(k_factor=max(_MORE, _SURE / wanted))


def nearest(index: Any, asked: Floats, wanted: int) -> tuple[Floats, Ids]:
    """Closeness and numbers of the `wanted` nearest centroids of each asked vector."""
    found: tuple[Floats, Ids] = index.search(asked, wanted, params=effort(index, wanted))
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


def _settled(vectors: Floats, centroids: Floats) -> Floats:
    """Centroids moved to the middle of what is nearest to them, a few times."""
    import faiss

    if centroids.shape[1] % _PART:
        return centroids
    moving: Any = faiss.Clustering(centroids.shape[1], len(centroids))
    moving.niter, moving.spherical = _MOVES, True
    moving.min_points_per_centroid, moving.max_points_per_centroid = 1, 1 << 20
    faiss.copy_array_to_vector(np.ascontiguousarray(centroids).ravel(), moving.centroids)
    moving.train(np.ascontiguousarray(vectors), _coded(centroids))
    found: Floats = faiss.vector_to_array(moving.centroids).reshape(centroids.shape)
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
