"""A grey page -> the bilevel ink of the signature on it.

Ink is made bilevel because grey gives the label away: in a widely used public set the paper's grey
alone separates genuine from forged. The paper is divided out first, so that grey or coloured paper
and uneven light do not matter.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sigsearch.errors import AllInk, ImageBlank, NoInk
from sigsearch.imaging.components import Components, find_components, paint
from sigsearch.imaging.load import Page

Ink = NDArray[np.bool_]

_CELL = 8  # pixels: side of the squares by which the paper is sampled
_LEAST_CONTRAST = 0.08  # of the paper's own brightness
_MOST_INK = 0.5  # share of the page; a dense signature cut to its box stays below 0.4
_DARK_PAPER = 0.3  # of the brightest paper on the page: no light falls off that much


def find_ink(page: Page) -> Ink:
    """Boolean (height, width), true where there is ink; white on black is recognised.

    Raises ImageBlank, NoInk or AllInk.
    """
    grey = page.grey
    low, high = int(grey.min()), int(grey.max())
    if high - low < 256 * _LEAST_CONTRAST:
        raise ImageBlank(f"{page.name}: the page is blank; check that the right page was scanned")
    if _is_dark(grey, (low + high) / 2):
        grey = 255 - grey
    paper = _paper(grey)
    if float((paper < _DARK_PAPER * paper.max()).mean()) > _MOST_INK / 2:
        raise _all_ink(page.name, "large parts of the page are dark")
    return _refuse_odd(_threshold(grey, paper, page.name), page.name)


def drop_specks(ink: Ink, stroke: float) -> Ink:
    """`ink` without dust: what is smaller than a dot of the pen, and lone small marks far away.

    `stroke` is the stroke width in pixels (see `stroke_width`).
    """
    parts = find_components(ink)
    large = parts.area >= max(3.0, 0.5 * stroke**2)
    main = parts.area >= max(20.0, 6 * stroke**2)
    keep = large & (main | _near(parts, main)) if main.any() else large
    return ink if keep.all() else paint(parts, keep, ink.shape)


def ink_box(ink: Ink) -> tuple[int, int, int, int]:
    """(left, top, right, bottom) of the ink, right and bottom exclusive; zeros without ink."""
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if not len(rows):
        return (0, 0, 0, 0)
    return (int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)


def stroke_width(ink: Ink) -> float:
    """Mean stroke width in pixels: twice the area over the outline's length (a line w wide and l
    long has area wl and an outline of about 2l), counting a pixel edge as pi/4 of its length since
    strokes run in all directions."""
    edges = int((ink[:, 1:] != ink[:, :-1]).sum()) + int((ink[1:] != ink[:-1]).sum())
    border = sum(int(side.sum()) for side in (ink[0], ink[-1], ink[:, 0], ink[:, -1]))
    outline = (edges + border) * np.pi / 4
    return 2.0 * int(ink.sum()) / outline if outline else 0.0


def _is_dark(grey: NDArray[np.uint8], middle: float) -> bool:
    """White ink on black: most of the page and of its border are on the dark side."""
    border = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    return bool((border < middle).mean() > 0.5 and (grey < middle).mean() > 0.5)


def _threshold(grey: NDArray[np.uint8], paper: NDArray[np.float32], name: str) -> Ink:
    darkness = _darkness(grey, paper)
    histogram = np.bincount(darkness.ravel(), minlength=256)
    cut, contrast = _otsu(histogram)
    if contrast < 256 * _LEAST_CONTRAST:
        raise NoInk(f"{name}: no ink stands out from the paper; scan with more contrast")
    return darkness > max(cut, _noise_ceiling(histogram, cut))


def _darkness(grey: NDArray[np.uint8], paper: NDArray[np.float32]) -> NDArray[np.uint8]:
    """How much darker than the paper around it each pixel is, 0..255 of the paper's brightness."""
    ratio = grey * np.float32(255.0) / np.maximum(paper, 16)
    return 255 - np.minimum(ratio, 255).astype(np.uint8)


def _paper(grey: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The brightness of the bare paper at each pixel: cell means, the ink bridged by the brightest
    cell around, smoothed."""
    from PIL import Image, ImageFilter

    height, width = grey.shape
    small = (max(width // _CELL, 1), max(height // _CELL, 1))
    cells = Image.fromarray(grey).resize(small, Image.Resampling.BOX)
    cells = cells.filter(ImageFilter.MaxFilter(5)).filter(ImageFilter.GaussianBlur(2))
    smooth = cells.resize((width, height), Image.Resampling.BILINEAR)
    return np.asarray(smooth, dtype=np.float32)


def _otsu(histogram: NDArray[np.int64]) -> tuple[int, float]:
    """Otsu's threshold (1979) and the distance between the means of the two classes."""
    levels = np.arange(256)
    weight = np.cumsum(histogram)
    total = np.cumsum(histogram * levels)
    above = weight[-1] - weight
    with np.errstate(divide="ignore", invalid="ignore"):
        gap = (total[-1] - total) / above - total / weight
        between = np.nan_to_num(weight * above * gap**2)
    best = int(between.argmax())
    return best, float(np.nan_to_num(gap[best]))


def _noise_ceiling(histogram: NDArray[np.int64], cut: int) -> int:
    """Where the paper's own grain ends: its median plus five robust standard deviations, but never
    beyond the middle of what Otsu calls ink, lest coarse paper swallow a faint pen."""
    below = histogram[: cut + 1]
    share = np.cumsum(below) / max(int(below.sum()), 1)
    median, upper = int(np.searchsorted(share, 0.5)), int(np.searchsorted(share, 0.84))
    ink = histogram[cut + 1 :]
    middle = cut + 1 + int(np.searchsorted(np.cumsum(ink), ink.sum() / 2))
    return min(median + 5 * (upper - median), (cut + middle) // 2)


def _refuse_odd(ink: Ink, name: str) -> Ink:
    share = float(ink.mean())
    if share == 0:
        raise NoInk(f"{name}: no ink stands out from the paper; scan with more contrast")
    if share > _MOST_INK:
        raise _all_ink(name, f"{share:.0%} of the page is dark")
    return ink


def _all_ink(name: str, what: str) -> AllInk:
    return AllInk(f"{name}: {what}; give a scan of the signature, not a photograph or a form")


def _near(parts: Components, main: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which components lie within a quarter of the main ink's size of its box."""
    box = parts.box[main]
    left, top = box[:, :2].min(axis=0)
    right, bottom = box[:, 2:].max(axis=0)
    reach = 0.1 * max(right - left, bottom - top)
    near: NDArray[np.bool_] = (
        (parts.box[:, 2] >= left - reach)
        & (parts.box[:, 0] <= right + reach)
        & (parts.box[:, 3] >= top - reach)
        & (parts.box[:, 1] <= bottom + reach)
    )
    return near
