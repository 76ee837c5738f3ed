"""Exact search by FAISS: quicker than numpy for one vector, and its top-k holds no full matrix."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from sigsearch.index.neighbours import Floats, Ids


class FlatStructure:
    """`IndexFlatIP` under `IndexIDMap2`."""

    kind = "faiss flat"

    def __init__(self, dimensions: int, index: Any = None) -> None:
        import faiss

        self._index: Any = index or faiss.IndexIDMap2(faiss.IndexFlatIP(dimensions))

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def add(self, ids: Ids, vectors: Floats) -> None:
        self._index.add_with_ids(np.ascontiguousarray(vectors), ids)

    def remove(self, ids: Ids) -> None:
        self._index.remove_ids(ids)

    def search(self, vectors: Floats, count: int) -> tuple[Floats, Ids]:
        similarity, ids = self._index.search(np.ascontiguousarray(vectors), count)
        similarity[ids < 0] = -np.inf
        return similarity, ids

    def snapshot(self, path: Path) -> None:
        import faiss

        faiss.write_index(self._index, os.fspath(path))

    @classmethod
    def load(cls, path: Path) -> FlatStructure:
        import faiss

        index = faiss.read_index(os.fspath(path))
        return cls(index.d, index)
