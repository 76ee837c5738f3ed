"""Signatures as pictures inside a page. Colours are told apart by colour-blind readers too."""

from __future__ import annotations

import base64
import io

import numpy as np
from numpy.typing import NDArray

from sigsearch.imaging import ImageSource, Signature
from sigsearch.imaging.fingerprint import alignment, fingerprint
from sigsearch.imaging.load import load_page

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float64]
INK = (28, 28, 30)
QUESTIONED = (0, 90, 181)  # blue
REFERENCE = (220, 120, 0)  # orange
AGREES, DISAGREES = QUESTIONED, (200, 60, 0)
_WIDEST = 640
_ENLARGED = 6.0
_MARGIN = 8


def data_uri(pixels: Pixels) -> str:
    """uint8 (h, w) or (h, w, 3) as a PNG that a page can hold."""
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(pixels).quantize(64).save(file, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode("ascii")


def ink_picture(signature: Signature, widest: int = _WIDEST) -> Pixels:
    """The ink on white, (h, w), shrunk to `widest` pixels with a margin."""
    return 255 - shrunk(signature.ink, widest)


def scan_picture(source: ImageSource, size: tuple[int, int]) -> Pixels:
    """The scan as it is, in grey on white, shrunk to `size` (width, height). Raises ImageError."""
    from PIL import Image, ImageOps

    return np.asarray(ImageOps.pad(Image.fromarray(load_page(source).grey), size, color=255))


def overlay_picture(questioned: Signature, reference: Signature) -> Pixels:
    """The reference (orange) laid on the questioned signature (blue), dark where both have ink;
    both are whole, and few pixels are enlarged."""
    height, width = questioned.ink.shape
    low, high = _reach(reference, questioned)
    low, high = np.minimum(low, 0), np.maximum(high, (width, height))
    scale = min(_ENLARGED, _WIDEST / float(high[0] - low[0]))
    (left, top), (right, bottom) = -low * scale, (high - (width, height)) * scale
    edges = [round(side) + _MARGIN for side in (top, bottom, left, right)]
    upper = np.pad(_resized(questioned.ink, scale), (edges[:2], edges[2:]))
    lower = laid_on(reference, questioned, upper.shape, scale, (edges[2], edges[0]))
    share = np.stack([upper, lower]).astype(np.float64)[..., None] / 255
    picture = np.full((*upper.shape, 3), 255.0)
    for ink, colour in zip(share, (QUESTIONED, REFERENCE), strict=True):
        picture *= 1 - ink * (1 - np.array(colour) / 255)
    return picture.astype(np.uint8)


def region_picture(signature: Signature, evidence: NDArray[np.float64]) -> Pixels:
    """The normalised signature over a map of where it agrees (blue) and disagrees (orange).

    evidence: (rows, columns) in -1..1, 0 where there is nothing to say.
    """
    height, width = signature.canvas.shape
    row = (np.arange(height) * evidence.shape[0]) // height
    column = (np.arange(width) * evidence.shape[1]) // width
    map_ = evidence[np.ix_(row, column)][..., None]
    tint = np.where(map_ >= 0, np.array(AGREES), np.array(DISAGREES))
    page = 255 - (255 - tint) * 0.45 * np.abs(map_)
    ink = signature.canvas[..., None] / 255
    return (page * (1 - ink) + np.array(INK) * ink).astype(np.uint8).repeat(2, 0).repeat(2, 1)


def shrunk(ink: NDArray[np.bool_], widest: int) -> Pixels:
    """Ink as 0..255 (255 = ink), at most `widest` pixels across, with a margin."""
    return np.pad(_resized(ink, min(1.0, widest / ink.shape[1])), _MARGIN)


def _resized(ink: NDArray[np.bool_], scale: float) -> Pixels:
    from PIL import Image

    size = (max(1, round(ink.shape[1] * scale)), max(1, round(ink.shape[0] * scale)))
    picture = Image.fromarray(ink.view(np.uint8) * np.uint8(255))
    return np.asarray(picture.resize(size, Image.Resampling.BOX))


def laid_on(
    reference: Signature,
    questioned: Signature,
    shape: tuple[int, ...],
    scale: float,
    corner: tuple[int, int] = (_MARGIN, _MARGIN),
) -> Pixels:
    """The ink of `reference` where it comes closest to that of `questioned`, which lies, resized by
    `scale`, with its upper left `corner` (x, y) there in a picture of `shape`."""
    from PIL import Image

    steps, start = _way_to(reference, questioned)
    # Pillow asks where in the reference each pixel of the picture comes from.
    steps = steps / scale
    start = start - steps @ np.array(corner)
    picture = Image.fromarray(reference.ink.view(np.uint8) * np.uint8(255))
    laid = picture.transform(
        (shape[1], shape[0]),
        Image.Transform.AFFINE,
        (*steps[0], start[0], *steps[1], start[1]),
        Image.Resampling.BILINEAR,
    )
    return np.asarray(laid)


def _way_to(reference: Signature, questioned: Signature) -> tuple[Floats, Floats]:
    """From pixels of the questioned ink to those of the reference's: matrix (2, 2), shift (2,)."""
    matrix, shift = alignment(fingerprint(questioned), fingerprint(reference))
    other = reference.ink.shape[0]
    return matrix * (other / questioned.ink.shape[0]), shift * other


def _reach(reference: Signature, questioned: Signature) -> tuple[Floats, Floats]:
    """The corners, in pixels of the questioned ink, between which the reference comes to lie."""
    steps, start = _way_to(reference, questioned)
    height, width = reference.ink.shape
    corners = np.array([(0, 0), (width, 0), (0, height), (width, height)], float)
    there = (corners - start) @ np.linalg.inv(steps).T
    return there.min(0), there.max(0)
