"""A specimen: one signature as ink, with the movement that made it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sigsearch.synthesis.glyphs import BoolArray
from sigsearch.synthesis.raster import GreyImage


@dataclass(frozen=True, slots=True)
class Specimen:
    """One invented signature.

    `ink` (h, w) is clean: 0 = paper, 255 = full ink, at `dpi`. `trajectory` (t, 4) float32 holds
    x and y in pixels of `ink` (y downwards), time in seconds and pressure 0..1 (0 = in the air).
    `writer` is the seed of the writer it belongs to or, for a forgery, pretends to.
    """

    ink: GreyImage
    trajectory: NDArray[np.float32]
    dpi: int
    writer: int
    number: int
    kind: str  # "genuine" or "forgery"
    level: str  # "" for genuine, else a forgery level
    pen: str

    @property
    def mask(self) -> BoolArray:
        """Where there is ink, bool (h, w)."""
        return np.asarray(self.ink >= 90)

    @property
    def page(self) -> GreyImage:
        """Clean ink on white paper: 255 = paper."""
        return np.asarray(255 - self.ink)

    def to_dict(self) -> dict[str, Any]:
        """What is known of it, without the arrays."""
        height, width = self.ink.shape
        return {
            "writer": self.writer,
            "number": self.number,
            "kind": self.kind,
            "level": self.level,
            "pen": self.pen,
            "dpi": self.dpi,
            "width": width,
            "height": height,
            "seconds": float(self.trajectory[-1, 2]),
        }
