"""The vectors behind the codes of clusters: one row a reference, mapped, checked row by row.

A copy of what the store holds, laid out so that a few dozen scattered rows are fetched in
microseconds. Each row has a checksum and is checked the first time that it is looked at.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from sigsearch.errors import SnapshotDamaged
from sigsearch.index.layout import Rows
from sigsearch.index.locks import hold
from sigsearch.index.neighbours import Floats, Ids, Mask
from sigsearch.index.shelf import Shelf

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
            mapped = np.memmap(path, "<f4", "r", shape=(count, dimensions))
            self._rows = np.asarray(mapped)  # indexing a memmap itself takes twice as long
        self._checks = checks
        self._sound = np.zeros(count, bool)
        self._place = np.where(present, np.cumsum(present, dtype=np.int32) - 1, np.int32(-1))

    @property
    def dimensions(self) -> int:
        return int(self._rows.shape[1])

    def places(self, ids: Ids) -> npt.NDArray[np.int32]:
        """Rows of references; -1 where there is none."""
        if len(ids) == 0 or ids.max() < len(self._place):
            return self._place[ids]
        inside = ids < len(self._place)
        return np.where(inside, self._place[np.where(inside, ids, 0)], np.int32(-1))

    def vectors(self, places: npt.NDArray[np.int32]) -> Floats:
        """Vectors (n, d) at places that are not -1.

        Raises:
            SnapshotDamaged: a row is not what was written.
        """
        found: Floats = self._rows[places]
        if not self._sound[places].all():
            for place in places[~self._sound[places]].tolist():
                if zlib.crc32(self._rows[place].tobytes()) != self._checks[place]:
                    raise SnapshotDamaged(f"row {place} of the search snapshot is damaged")
                self._sound[place] = True
        return found

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
