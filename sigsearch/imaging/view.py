"""A page as the segmentation sees it: the ink that was found on it, coarsely, set into a small view
with its aspect kept."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sigsearch.imaging.ink import Ink, ink_box
from sigsearch.imaging.levels import median
from sigsearch.imaging.load import Page

Grey = NDArray[np.uint8]

VIEW_SHAPE = (144, 336)
"""Height and width in pixels."""
_MARGIN = 2  # pixels of nothing on each side
_USUAL_TONE = 128  # of ink as dark as the ink of the page is on the whole


def view_of(page: Page, ink: Ink, box: tuple[int, int, int, int]) -> Grey:
    """uint8 (2, *VIEW_SHAPE): how much of each place is inked, 0..255, and how dark that ink is
    beside the ink of the page as a whole; white on black looks the same. `ink` is the page's,
    `box` its own (`ink_box`)."""
    left, top, right, bottom = box
    ink, grey = ink[top:bottom, left:right], page.grey[top:bottom, left:right]
    share, dark = on_view(ink), _set_in(_depth(grey, median(page.counts)) * ink)
    usual = dark.sum(dtype=np.int64) * 255 / max(share.sum(dtype=np.int64), 1)
    scale = np.float32(255 * _USUAL_TONE / max(usual, 1.0))
    tone = np.minimum(dark * scale / np.maximum(share, 1), 255)
    return np.stack([share, tone.astype(np.uint8)])


def _depth(grey: Grey, usual: float) -> Grey:
    """How far each level lies from the `usual` one."""
    from PIL import Image

    table = np.abs(np.arange(256, dtype=np.int16) - np.int16(usual)).astype(np.uint8)
    return np.asarray(Image.fromarray(grey).point(table.tolist()))


def on_view(ink: Ink) -> Grey:
    """How much of each place of the view `ink` (cropped to a box) covers, uint8 VIEW_SHAPE."""
    return _set_in(ink.view(np.uint8) * np.uint8(255))


def from_view(picture: Grey, shape: tuple[int, int]) -> Grey:
    """The part of `picture`, of VIEW_SHAPE, into which a box of `shape` (height, width) was set, at
    the resolution of the box."""
    from PIL import Image

    left, top, width, height = _place(shape)
    part = Image.fromarray(picture[top : top + height, left : left + width])
    return np.asarray(part.resize(shape[::-1], Image.Resampling.BILINEAR))


def scale_of(ink: Ink) -> float:
    """Pixels of the view for one of the page."""
    left, top, right, bottom = ink_box(ink)
    return _scale((bottom - top, right - left))


def _set_in(picture: Grey) -> Grey:
    from PIL import Image

    left, top, width, height = _place(picture.shape)
    view = np.zeros(VIEW_SHAPE, np.uint8)
    small = Image.fromarray(picture).resize((width, height), Image.Resampling.BOX)
    view[top : top + height, left : left + width] = np.asarray(small)
    return view


def _place(shape: tuple[int, ...]) -> tuple[int, int, int, int]:
    """Left, top, width and height in the view of a box of `shape` (height, width)."""
    scale = _scale(shape)
    height, width = (max(round(side * scale), 1) for side in shape)
    return (VIEW_SHAPE[1] - width) // 2, (VIEW_SHAPE[0] - height) // 2, width, height


def _scale(shape: tuple[int, ...]) -> float:
    height, width = (side - 2 * _MARGIN for side in VIEW_SHAPE)
    return min(height / max(shape[0], 1), width / max(shape[1], 1))
