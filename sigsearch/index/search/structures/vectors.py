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
_NONE, _UNSEEN = -1, -2  # in place of a row's number


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
        self._absent = np.flatnonzero(~present)
        # By id the row, once it was found sound. The last is what the id -1 leads to.
        self._place = np.full(len(present) + 1, _UNSEEN, np.int32)
        self._place[self._absent] = self._place[-1] = _NONE

    @property
    def dimensions(self) -> int:
        return int(self._rows.shape[1])

    def similarity(self, vectors: Floats, ids: Ids) -> tuple[Floats, Mask | None]:
        """Of each of (n, d) vectors with the references of its (n, k) ids, and which of these have
        no row, if any: the similarity is -inf there, as for the id -1.

        Raises:
            SnapshotDamaged: a row is not what was written.
        """
        places = self._places(ids)
        lacking = places < 0 if places.min(initial=0) < 0 else None
        if not len(self._rows):
            return np.full(ids.shape, -np.inf, np.float32), lacking
        if len(places) == 1:  # not worth waking another thread
            found: Floats = (self._rows.take(places[0], 0) @ vectors[0])[None]
        else:
            found = self._by_threads(vectors, places.astype(np.int64))
        if lacking is not None:
            found[lacking] = -np.inf
        return found, lacking

    def _places(self, ids: Ids) -> Places:
        """Rows of references, all sound; negative where there is none."""
        try:
            places: Places = self._place.take(ids)
        except IndexError:  # of references enrolled since
            ids = np.where(ids < len(self._place), ids, -1)
            places = self._place.take(ids)
        if places.min(initial=0) == _UNSEEN:
            self._check(np.unique(ids[places == _UNSEEN]))
            places = self._place.take(ids)
        return places

    def _by_threads(self, vectors: Floats, places: Ids) -> Floats:
        import faiss

        module: Any = faiss  # its type stubs do not know this function
        found, asked = np.empty(places.shape, np.float32), np.ascontiguousarray(vectors)
        pointers: Any = [faiss.swig_ptr(one) for one in (found, asked, self._rows, places)]
        module.fvec_inner_products_by_idx(*pointers, self.dimensions, *places.shape)
        return found

    def _check(self, ids: Ids) -> None:
        places = ids - np.searchsorted(self._absent, ids)  # those before it that have no row
        for number, place in zip(ids.tolist(), places.tolist(), strict=True):
            if zlib.crc32(self._rows[place].data) != self._checks[place]:
                raise SnapshotDamaged(f"row {place} of the search snapshot is damaged")
            self._place[number] = place

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
