"""Signatures as pictures inside a page. Colours are told apart by colour-blind readers too."""

from __future__ import annotations

import base64
import io

import numpy as np
from numpy.typing import NDArray

from sigsearch.imaging import ImageSource, Signature
from sigsearch.imaging.load import load_page

Pixels = NDArray[np.uint8]
INK = (28, 28, 30)
QUESTIONED = (0, 90, 181)  # blue
REFERENCE = (220, 120, 0)  # orange
AGREES, DISAGREES = QUESTIONED, (200, 60, 0)
WIDEST = 640
MARGIN = 8


def data_uri(pixels: Pixels) -> str:
    """uint8 (h, w) or (h, w, 3) as a PNG that a page can hold."""
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(pixels).quantize(64).save(file, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode("ascii")


def ink_picture(signature: Signature, widest: int = WIDEST) -> Pixels:
    """The ink on white, (h, w), shrunk to `widest` pixels with a margin."""
    return 255 - shrunk(signature.ink, widest)


def scan_picture(source: ImageSource, size: tuple[int, int]) -> Pixels:
    """The scan as it is, in grey on white, shrunk to `size` (width, height). Raises ImageError."""
    from PIL import Image, ImageOps

    return np.asarray(ImageOps.pad(Image.fromarray(load_page(source).grey), size, color=255))


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
    return np.pad(resized(ink, min(1.0, widest / ink.shape[1])), MARGIN)


def resized(ink: NDArray[np.bool_], scale: float) -> Pixels:
    from PIL import Image

    size = (max(1, round(ink.shape[1] * scale)), max(1, round(ink.shape[0] * scale)))
    picture = Image.fromarray(ink.view(np.uint8) * np.uint8(255))
    return np.asarray(picture.resize(size, Image.Resampling.BOX))
