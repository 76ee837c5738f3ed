"""The codes that stand for vectors in the lists of clusters.

A code is looked at in place of its vector; what lies near by it is weighed again with the vectors.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from sigsearch.index.search.structures.protocol import Floats
from sigsearch.index.search.structures.threads import one_thread

_QUERY_BITS = 4  # of a coordinate of what is asked, where codes have one bit
_PQ_BITS = 4  # 16 centroids fit into a register
_BLOCK = 32  # codes that FastScan looks at together: lists are filled up to whole blocks
_FOR_CODES = 10_000  # vectors that codes are trained on
_ID = 8
# Owner, place, checksum of the vector, a mark: what a reference takes besides its code.
_BESIDE = 4 + 4 + 4 + 1


@dataclass(frozen=True, slots=True)
class Code:
    """`mapped`: its lists are used where they lie on disk, so that processes share them; others
    are read whole when opened. `looked_at`: of so many entries that are the nearest by their codes
    the vectors are compared; the coarser the code, the more it must be. `trained_on`: vectors
    without which it cannot be trained.
    """

    name: str
    mapped: bool
    looked_at: int
    trained_on: int = 1

    def bytes(self, dimensions: int, in_a_list: float) -> float:
        """Memory that a reference takes, where lists have so many entries; with an id and all that
        is kept beside. What is mapped counts as well: it is used, too."""
        if self is RABITQ:
            code: float = dimensions / 8 + 8
        else:
            code = dimensions / 4 * (1 + _BLOCK / 2 / max(1.0, in_a_list))
        return code + _ID + _BESIDE

    def index(self, centroids: Any, dimensions: int, lists: int, sample: Floats) -> Any:
        """An empty FAISS index with these centroids, its codes trained on some of a sample."""
        import faiss

        index: Any
        if self is RABITQ:
            index = faiss.IndexIVFRaBitQ(centroids, dimensions, lists, faiss.METRIC_INNER_PRODUCT)
            index.qb = _QUERY_BITS
        else:
            parts = dimensions // 2 if dimensions % 2 == 0 else dimensions
            index = faiss.IndexIVFPQFastScan(
                centroids, dimensions, lists, parts, _PQ_BITS, faiss.METRIC_INNER_PRODUCT
            )
            index.by_residual = True
            index.pq.cp.min_points_per_centroid = 1
        with one_thread():
            index.train(np.ascontiguousarray(sample[:_FOR_CODES]))  # the centroids are there
        return index


RABITQ = Code("rabitq", mapped=True, looked_at=100)
FASTSCAN = Code("pq fastscan", mapped=False, looked_at=50, trained_on=32)
CODES = {code.name: code for code in (RABITQ, FASTSCAN)}
