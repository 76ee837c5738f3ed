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
INK = (28, 28, 30)
QUESTIONED = (0, 90, 181)  # blue
REFERENCE = (220, 120, 0)  # orange
AGREES, DISAGREES = QUESTIONED, (200, 60, 0)
_WIDEST = 640


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
    """The reference (orange) laid on the questioned signature (blue), dark where both have ink."""
    scale = min(1.0, _WIDEST / questioned.ink.shape[1])
    upper = shrunk(questioned.ink, _WIDEST)
    lower = laid_on(reference, questioned, upper.shape, scale)
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


_MARGIN = 8


def shrunk(ink: NDArray[np.bool_], widest: int) -> Pixels:
    """Ink as 0..255 (255 = ink), at most `widest` pixels across, with a margin."""
    from PIL import Image

    scale = min(1.0, widest / ink.shape[1])
    size = (max(1, round(ink.shape[1] * scale)), max(1, round(ink.shape[0] * scale)))
    picture = Image.fromarray(ink.view(np.uint8) * np.uint8(255))
    small = np.asarray(picture.resize(size, Image.Resampling.BOX))
    return np.pad(small, _MARGIN)


def laid_on(
    reference: Signature, questioned: Signature, shape: tuple[int, ...], scale: float
) -> Pixels:
    """The ink of `reference` where it comes closest to that of `questioned`, which was `shrunk` by
    `scale` to `shape`."""
    from PIL import Image

    matrix, shift = alignment(fingerprint(questioned), fingerprint(reference))
    own, other = questioned.ink.shape[0] * scale, reference.ink.shape[0]
    # Pillow asks where in the reference each pixel of the picture comes from.
    steps = matrix * (other / own)
    start = shift * other - steps @ np.array([_MARGIN, _MARGIN])
    picture = Image.fromarray(reference.ink.view(np.uint8) * np.uint8(255))
    laid = picture.transform(
        (shape[1], shape[0]),
        Image.Transform.AFFINE,
        (*steps[0], start[0], *steps[1], start[1]),
        Image.Resampling.BILINEAR,
    )
    return np.asarray(laid)
