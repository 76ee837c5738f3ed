"""Specimens taken down by a tablet, drawn when they are asked for: always the same picture."""

from __future__ import annotations

import hashlib
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

_DRAWN_AS = 1  # the version of how it is drawn
_USUAL = 60.0  # millimetres: how wide or high the median signature of a set is taken to be


class PenData:
    """The archive of one tablet set; `[row]` is uint8 (height, width), 255 = paper."""

    def __init__(self, path: Path) -> None:
        with np.load(path, allow_pickle=False) as archive:
            self._xy, self._stroke, self._start = (archive[k] for k in ("xy", "stroke", "start"))
        self._name = path.stem
        spans = zip(self._start[:-1], self._start[1:], strict=True)
        sizes = [np.ptp(self._xy[a:b].astype(np.int32), axis=0).max() for a, b in spans if b > a]
        self._millimetres = _USUAL / max(float(np.median(sizes)), 1.0)

    def __getitem__(self, row: int) -> NDArray[np.uint8]:
        return self.draw(row)

    def movement(self, row: int) -> NDArray[np.int16]:
        """The points (t, 2) of one specimen, as the tablet took them down."""
        points: NDArray[np.int16] = self._xy[self._start[row] : self._start[row + 1]]
        return points

    def identity(self, row: int) -> str:
        """SHA-256, in hex, of what decides how one specimen is drawn."""
        how = f"{_DRAWN_AS} {self._name} {row} {self._millimetres}".encode()
        return hashlib.sha256(how + self.movement(row).tobytes()).hexdigest()

    def draw(self, row: int, seed: int = 0) -> NDArray[np.uint8]:
        """One specimen with the pen that `seed` chooses for it."""
        from sigsearch.synthesis.pen_data import draw_pen_data

        part = slice(self._start[row], self._start[row + 1])
        rng = np.random.default_rng((7, seed, row, crc32(self._name.encode())))
        ink = draw_pen_data(self._xy[part], self._stroke[part], self._millimetres, rng)
        return np.asarray(255 - ink)
