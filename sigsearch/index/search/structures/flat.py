"""Exact search by FAISS: quicker than numpy for one vector, and its top-k holds no full matrix."""

from __future__ import annotations

from typing import Any

import numpy as np

from sigsearch.index.search.shelf import Shelf
from sigsearch.index.search.structures.protocol import EXACT_UP_TO, FLAT, Floats, Ids, Mask


def searching(kind: str, allowed: Mask, **settings: Any) -> Any:
    """FAISS's search parameters of a kind, bound to the ids that a mask allows."""
    import faiss

    module: Any = faiss  # its type stubs do not know the Python side of these classes
    bits = np.packbits(allowed, bitorder="little")
    found = getattr(module, kind)(sel=module.IDSelectorBitmap(bits), **settings)
    found.bits = bits  # FAISS holds a bare pointer to them
    return found


class FlatStructure:
    """`IndexFlatIP` under `IndexIDMap2`."""

    kind = FLAT
    approximate = False
    looked_at = 1
    recall = 1.0

    def __init__(self, dimensions: int, index: Any = None) -> None:
        import faiss

        self._index: Any = index or faiss.IndexIDMap2(faiss.IndexFlatIP(dimensions))

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def add(self, ids: Ids, vectors: Floats) -> None:
        self._index.add_with_ids(np.ascontiguousarray(vectors), ids)

    def remove(self, ids: Ids) -> None:
        self._index.remove_ids(ids)

    def search(
        self, vectors: Floats, count: int, allowed: Mask | None = None, effort: int = 1
    ) -> tuple[Floats, Ids]:
        wanted = None
        if allowed is not None:
            wanted = searching("SearchParameters", allowed)
        similarity, ids = self._index.search(np.ascontiguousarray(vectors), count, params=wanted)
        similarity[ids < 0] = -np.inf
        return similarity, ids

    def worn(self) -> bool:
        return len(self) > EXACT_UP_TO

    def snapshot(self, shelf: Shelf) -> None:
        import faiss

        shelf.put("structure", faiss.serialize_index(self._index).tobytes())

    @classmethod
    def load(cls, shelf: Shelf) -> FlatStructure:
        import faiss

        index = faiss.deserialize_index(np.frombuffer(shelf.get("structure"), np.uint8))
        return cls(index.d, index)
