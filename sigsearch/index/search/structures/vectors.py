"""The vectors behind the codes of clusters: one row a reference, mapped, checked row by row.

A copy of what the store holds, laid out so that a few dozen scattered rows are fetched in
microseconds. Each row has a checksum and is checked the first time that it is looked at.
"""

from __future__ import annotations

import mmap
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from sigsearch.errors import SnapshotDamaged
from sigsearch.index.local.layout import Rows
from sigsearch.index.local.locks import hold
from sigsearch.index.search.shelf import Shelf
from sigsearch.index.search.structures.protocol import Floats, Ids, Mask

Places = npt.NDArray[np.int32]
FILE, CHECKS = "originals.mapped", "originals.npy"


class Originals:
    """Rows in the order of reference ids."""

    def __init__(
        self, path: Path, checks: npt.NDArray[np.uint32], present: Mask, dimensions: int
    ) -> None:
        """`checks` are CRC-32 row by row; `present` says by reference id who has a row."""
        count = len(checks)
        if count != present.sum() or path.stat().st_size != count * dimensions * 4:
            raise SnapshotDamaged(f"{path} does not have the rows that it should have")
        self._held = hold(path)  # until this object goes: nobody overwrites what is mapped
        self._rows: Floats = np.zeros((0, dimensions), np.float32)
        if count:  # nothing cannot be mapped
            mapped = mmap.mmap(self._held.fileno(), 0, access=mmap.ACCESS_READ)
            if hasattr(mapped, "madvise"):  # rows lie scattered: read no more than those
                mapped.madvise(mmap.MADV_RANDOM)
            self._rows = np.frombuffer(mapped, "<f4").reshape(count, dimensions)
        self._checks = checks
        # Each ends in what -1 leads to: no row, which is sound.
        self._sound = np.append(np.zeros(count, bool), True)
        self._place = np.full(len(present) + 1, -1, np.int32)
        self._place[:-1][present] = np.arange(count, dtype=np.int32)

    @property
    def dimensions(self) -> int:
        return int(self._rows.shape[1])

    def places(self, ids: Ids) -> Places:
        """Rows of references; -1 where there is none, and for the id -1."""
        try:
            return self._place.take(ids)
        except IndexError:  # of references enrolled since
            return self._place[np.where(ids < len(self._place), ids, -1)]

    def similarity(self, vectors: Floats, places: Places) -> Floats:
        """Of each of (n, d) vectors with the rows at its (n, k) places; -inf where that is -1.

        Raises:
            SnapshotDamaged: a row is not what was written.
        """
        if not self._sound.take(places).all():
            self._check(np.unique(places[~self._sound[places]]))
        if len(places) == 1:  # not worth waking another thread
            one: Floats = self._rows.take(places[0], 0) @ vectors[0]
            if (places < 0).any():
                one[places[0] < 0] = -np.inf
            return one[None]
        import faiss

        module: Any = faiss  # its type stubs do not know this function
        found = np.empty(places.shape, np.float32)
        asked, rows = np.ascontiguousarray(vectors), places.astype(np.int64)
        pointers: Any = [faiss.swig_ptr(one) for one in (found, asked, self._rows, rows)]
        module.fvec_inner_products_by_idx(*pointers, self.dimensions, *places.shape)
        return found

    def _check(self, places: Places) -> None:
        for place in places.tolist():
            if zlib.crc32(self._rows[place].data) != self._checks[place]:
                raise SnapshotDamaged(f"row {place} of the search snapshot is damaged")
            self._sound[place] = True

    @staticmethod
    def write(shelf: Shelf, chunks: Iterable[Rows], highest: int, dimensions: int) -> None:
        """Lay out all rows (n, dimensions) of the references up to the id `highest`."""
        checks, present = [np.zeros(0, np.uint32)], np.zeros(highest + 1, bool)
        with open(shelf.folder / FILE, "wb") as file:
            for rows in chunks:
                present[rows.ids] = True
                vectors = np.ascontiguousarray(rows.vectors, "<f4")
                file.write(vectors.data)
                checks.append(np.fromiter(map(zlib.crc32, vectors), np.uint32, len(vectors)))
        bits = np.packbits(present)
        shelf.put_arrays(CHECKS, np.concatenate(checks), bits, np.array([highest, dimensions]))

    @classmethod
    def read(cls, shelf: Shelf) -> Originals:
        """What `write` wrote, without reading the rows."""
        checks, bits, facts = shelf.arrays(CHECKS)
        highest, dimensions = facts.tolist()
        present = np.unpackbits(bits, count=highest + 1).astype(bool)
        return cls(shelf.folder / FILE, checks, present, dimensions)
