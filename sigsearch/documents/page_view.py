"""A page as the detector sees it: the darkness of its ink against the paper around it, small."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

Grey = NDArray[np.uint8]

AREA = 180_000
"""Pixels of a view, whatever the shape of the page: A4 has 43 of them to the inch."""
LOOKS = (AREA, 120_000)
"""A page is looked at twice: large signatures and small ones on the same page."""
STRIDE = 32
"""Sides are multiples of this."""
_LONGEST = 1024
_LARGEST = 2.0  # times the page: coarser ones show nothing more
_PATCH = 16
_DARKEST_PAPER = 40


def scale_to(shape: tuple[int, int], area: int = AREA, longest: int = _LONGEST) -> float:
    """How many times as large as a page of `shape` (height, width) its view is."""
    height, width = shape
    return float(min((area / (height * width)) ** 0.5, longest / max(shape), _LARGEST))


def shrunk(page: Grey, scale: float) -> Grey:
    """The page at `scale`, averaged."""
    from PIL import Image

    height, width = page.shape
    size = (max(round(width * scale), 1), max(round(height * scale), 1))
    picture = Image.fromarray(page)
    if scale < 0.5:  # whole pixels first: many times faster, and as good
        picture = picture.reduce(int(1 / scale))
    return np.asarray(picture.resize(size, Image.Resampling.BILINEAR))


def darkness(page: Grey) -> Grey:
    """How far each pixel falls below the paper around it: 0 = paper, 255 = black, so that shadows,
    tinted paper and desks are even."""
    paper = _paper(page)
    share = page.astype(np.float32) / np.maximum(paper, _DARKEST_PAPER)
    return np.asarray(255 * (1 - np.minimum(share, 1)), np.uint8)


def views_of(page: Grey) -> Iterator[tuple[Grey, float]]:
    """The views (h, w) of a page, one for each of LOOKS, and their scales."""
    scale = scale_to((page.shape[0], page.shape[1]))
    dark = darkness(shrunk(page, scale))
    for area in LOOKS:
        share = (area / AREA) ** 0.5
        yield padded(dark if area == AREA else shrunk(dark, share)), scale * share


def padded(dark: Grey) -> Grey:
    """With paper on the right and below, so that its sides are multiples of STRIDE."""
    return np.pad(dark, [(0, -side % STRIDE) for side in dark.shape])


def _paper(page: Grey) -> NDArray[np.float32]:
    """The brightest in each patch, and between patches what lies between."""
    from PIL import Image, ImageFilter

    height, width = page.shape
    padded = np.pad(page, [(0, -side % _PATCH) for side in page.shape], mode="edge")
    rows, columns = (side // _PATCH for side in padded.shape)
    patches = padded.reshape(rows, _PATCH, columns, _PATCH).max((1, 3))
    small: Picture = Image.fromarray(patches)
    small = small.filter(ImageFilter.MedianFilter(3)).filter(ImageFilter.BoxBlur(1))
    size = (columns * _PATCH, rows * _PATCH)
    wide = small.resize(size, Image.Resampling.BILINEAR)
    return np.asarray(wide, np.float32)[:height, :width]
