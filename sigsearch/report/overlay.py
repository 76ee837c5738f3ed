"""A reference laid on a questioned signature, where the blurred inks come closest."""

from __future__ import annotations

from dataclasses import dataclass
from math import atan2, degrees, hypot

import numpy as np
from numpy.typing import NDArray

from sigsearch.imaging import Signature
from sigsearch.imaging.fingerprint import alignment, fingerprint
from sigsearch.report.pictures import MARGIN, QUESTIONED, REFERENCE, WIDEST, Pixels, resized

Floats = NDArray[np.float64]
_ENLARGED = 6.0


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    """From pixels of the questioned ink to those of the reference's: `steps` (2, 2) times the pixel
    (x, y), plus `start` (2,)."""

    steps: Floats
    start: Floats

    @property
    def turn(self) -> float:
        """By how many degrees the reference was turned."""
        return degrees(atan2(self.steps[1, 0], self.steps[0, 0]))

    @property
    def scale(self) -> float:
        """By how much the reference was enlarged, in pixels."""
        return 1 / max(hypot(self.steps[0, 0], self.steps[1, 0]), 1e-9)


def way_between(questioned: Signature, reference: Signature) -> Way:
    matrix, shift = alignment(fingerprint(questioned), fingerprint(reference))
    height = reference.ink.shape[0]
    return Way(matrix * (height / questioned.ink.shape[0]), shift * height)


def overlay_picture(questioned: Signature, reference: Signature, way: Way) -> Pixels:
    """The reference (orange) laid on the questioned signature (blue), dark where both have ink;
    both are whole, and few pixels are enlarged."""
    height, width = questioned.ink.shape
    low, high = _reach(reference, way)
    low, high = np.minimum(low, 0), np.maximum(high, (width, height))
    scale = min(_ENLARGED, WIDEST / float(high[0] - low[0]))
    (left, top), (right, bottom) = -low * scale, (high - (width, height)) * scale
    edges = [round(side) + MARGIN for side in (top, bottom, left, right)]
    upper = np.pad(resized(questioned.ink, scale), (edges[:2], edges[2:]))
    lower = laid_on(reference, way, upper.shape, scale, (edges[2], edges[0]))
    share = np.stack([upper, lower]).astype(np.float64)[..., None] / 255
    picture = np.full((*upper.shape, 3), 255.0)
    for ink, colour in zip(share, (QUESTIONED, REFERENCE), strict=True):
        picture *= 1 - ink * (1 - np.array(colour) / 255)
    return picture.astype(np.uint8)


def laid_on(
    reference: Signature,
    way: Way,
    shape: tuple[int, ...],
    scale: float,
    corner: tuple[int, int] = (MARGIN, MARGIN),
) -> Pixels:
    """The ink of `reference` on that of the questioned signature, which lies, resized by `scale`,
    with its upper left `corner` (x, y) there in a picture of `shape`."""
    from PIL import Image

    # Pillow asks where in the reference each pixel of the picture comes from.
    steps = way.steps / scale
    start = way.start - steps @ np.array(corner)
    picture = Image.fromarray(reference.ink.view(np.uint8) * np.uint8(255))
    laid = picture.transform(
        (shape[1], shape[0]),
        Image.Transform.AFFINE,
        (*steps[0], start[0], *steps[1], start[1]),
        Image.Resampling.BILINEAR,
    )
    return np.asarray(laid)


def _reach(reference: Signature, way: Way) -> tuple[Floats, Floats]:
    """The corners, in pixels of the questioned ink, between which the reference comes to lie."""
    height, width = reference.ink.shape
    corners = np.array([(0, 0), (width, 0), (0, height), (width, height)], float)
    there = (corners - way.start) @ np.linalg.inv(way.steps).T
    return there.min(0), there.max(0)
