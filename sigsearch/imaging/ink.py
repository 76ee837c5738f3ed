"""A grey page -> the bilevel ink of the signature on it.

Ink is made bilevel because grey gives the label away: in a widely used public set the paper's grey
alone separates genuine from forged. The paper is divided out first, so that grey or coloured paper
and uneven light do not matter.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sigsearch.errors import AllInk, ImageBlank, NoInk
from sigsearch.imaging.components import Components, find_components, without
from sigsearch.imaging.grain import calmed
from sigsearch.imaging.levels import Counts, histogram, noise_ceiling, otsu
from sigsearch.imaging.load import Page

Ink = NDArray[np.bool_]

_CELL = 8  # pixels: side of the squares by which the paper is sampled
_LEAST_CONTRAST = 0.08  # of the paper's own brightness
_MOST_INK = 0.5  # share of the page; a dense signature cut to its box stays below 0.4
_EDGE = 2  # pixels: what comes so near to a side of the page reaches it
_ALONG = 0.03  # of the page's width or height: what stays so near to its side lies along it
_DARK_PAPER = np.float32(0.3)  # of the brightest paper on the page: no light falls off that much


def find_ink(page: Page) -> Ink:
    """Boolean (height, width), true where there is ink; white on black is recognised.

    Raises ImageBlank, NoInk or AllInk.
    """
    grey, counts = page.grey, page.counts
    levels = np.flatnonzero(counts)
    low, high = int(levels[0]), int(levels[-1])
    if high - low < 256 * _LEAST_CONTRAST:
        raise ImageBlank(f"{page.name}: the page is blank; check that the right page was scanned")
    if _is_dark(grey, (low + high) / 2):
        grey, counts = 255 - grey, counts[::-1]
    if (calm := calmed(grey, counts)) is not grey:
        grey, counts = calm, histogram(calm)
    paper = paper_of(grey)
    if _share(paper < np.ceil(_DARK_PAPER * paper.max()).astype(np.uint8)) > _MOST_INK / 2:
        raise _all_ink(page.name, "large parts of the page are dark")
    return _refuse_odd(_threshold(grey, counts, paper, page.name), page.name)


def drop_specks(ink: Ink, stroke: float, parts: Components | None = None) -> Ink:
    """`ink` without dust: what is smaller than a dot of the pen, and lone small marks far away.

    `stroke` is the stroke width in pixels (see `stroke_width`); `parts`: the components of `ink`,
    where they are known.
    """
    parts = parts or find_components(ink)
    large = parts.area >= max(3.0, 0.5 * stroke**2)
    main = parts.area >= max(20.0, 6 * stroke**2)
    keep = large & (main | _near(parts, main)) if main.any() else large
    return ink if keep.all() else without(ink, parts, ~keep)


def drop_margins(ink: Ink, stroke: float, parts: Components | None = None) -> Ink:
    """`ink` without what lies along a side of the page alone: the border of a box that the page was
    cut out of, a scanner's shadow, the tips of what is signed next to it. Where the signature
    itself reaches a side, whatever else does stays; a page that is cut to the signature's own box,
    so that it reaches two sides or more, stays as it is.

    `stroke` is the stroke width in pixels (see `stroke_width`); `parts`: the components of `ink`,
    where they are known.
    """
    sides = (ink[:, :_EDGE], ink[:_EDGE], ink[:, -_EDGE:], ink[-_EDGE:])
    if not any(side.any() for side in sides):
        return ink
    parts = parts or find_components(ink)
    extent = np.array([*ink.shape[::-1], *ink.shape[::-1]])  # width, height, width, height
    out = np.hstack([parts.box[:, :2], extent[:2] - parts.box[:, 2:]])  # from each side
    into = np.hstack([parts.box[:, 2:], extent[:2] - parts.box[:, :2]])
    reaching = out < _EDGE
    along = reaching & (into <= np.maximum(_ALONG * extent, 2 * stroke))
    # The sides that the signature reaches.
    own = np.logical_or.reduce(reaching[~along.any(axis=1)])
    gone = np.logical_or.reduce(along & ~own, axis=1)
    return without(ink, parts, gone) if gone.any() and own.sum() < 2 else ink


def ink_box(ink: Ink) -> tuple[int, int, int, int]:
    """(left, top, right, bottom) of the ink, right and bottom exclusive; zeros without ink."""
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if not len(rows):
        return (0, 0, 0, 0)
    return (int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)


def cropped(ink: Ink) -> Ink:
    """`ink` cut to its box; contiguous."""
    left, top, right, bottom = ink_box(ink)
    return np.ascontiguousarray(ink[top:bottom, left:right])


def count(mask: NDArray[np.bool_]) -> int:
    """How many are true; many times as fast as their sum."""
    return int(np.count_nonzero(mask))


def stroke_width(ink: Ink) -> float:
    """Mean stroke width in pixels: twice the area over the outline's length (a line w wide and l
    long has area wl and an outline of about 2l), counting a pixel edge as pi/4 of its length since
    strokes run in all directions."""
    edges = count(ink[:, 1:] != ink[:, :-1]) + count(ink[1:] != ink[:-1])
    border = sum(count(side) for side in (ink[0], ink[-1], ink[:, 0], ink[:, -1]))
    outline = (edges + border) * np.pi / 4
    return 2.0 * count(ink) / outline if outline else 0.0


def _share(mask: NDArray[np.bool_]) -> float:
    return count(mask) / mask.size


def _is_dark(grey: NDArray[np.uint8], middle: float) -> bool:
    """White ink on black: most of the page and of its border are on the dark side."""
    border = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    return _share(border < middle) > 0.5 and _share(grey < middle) > 0.5


def _threshold(grey: NDArray[np.uint8], counts: Counts, paper: NDArray[np.uint8], name: str) -> Ink:
    if paper.size > 1:
        dark = darkness(grey, paper)
        return dark > _cut(histogram(dark), name)
    # On even paper the grey itself tells how dark a pixel is.
    table = darkness(np.arange(256, dtype=np.uint8), paper[0])
    cut = _cut(np.bincount(table, counts, 256).astype(np.int64), name)
    return grey < count(table > cut)


def _cut(counts: Counts, name: str) -> int:
    """The darkness that ink exceeds."""
    cut, contrast = otsu(counts)
    if contrast < 256 * _LEAST_CONTRAST:
        raise NoInk(f"{name}: no ink stands out from the paper; scan with more contrast")
    return max(cut, noise_ceiling(counts, cut))


def darkness(grey: NDArray[np.uint8], paper: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """How much darker than the paper around it each pixel is, 0..255 of the paper's brightness."""
    ratio = np.multiply(grey, np.float32(255.0))
    np.divide(ratio, np.maximum(paper, 16), out=ratio)
    bright = np.minimum(ratio, 255, out=ratio).astype(np.uint8)
    return np.subtract(255, bright, out=bright)


def paper_of(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The brightness of the bare paper: cell means, the ink bridged by the brightest cell around,
    smoothed. One value (1, 1) for a page that is even all over, else one a pixel."""
    from PIL import Image, ImageFilter

    height, width = grey.shape
    small = (max(width // _CELL, 1), max(height // _CELL, 1))
    cells = Image.fromarray(grey).resize(small, Image.Resampling.BOX)
    bare = Image.fromarray(_brightest_around(np.asarray(cells)))
    smooth = bare.filter(ImageFilter.GaussianBlur(2))
    darkest, brightest = smooth.getextrema()
    if darkest == brightest:
        return np.array([[brightest]], np.uint8)
    return np.asarray(smooth.resize((width, height), Image.Resampling.BILINEAR))


def _brightest_around(cells: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The maximum over 5 x 5 cells around each: over three in a column and a row, twice."""
    for _ in range(2):
        tall = cells.copy()
        np.maximum(tall[1:], cells[:-1], out=tall[1:])
        np.maximum(tall[:-1], cells[1:], out=tall[:-1])
        cells = tall.copy()
        np.maximum(cells[:, 1:], tall[:, :-1], out=cells[:, 1:])
        np.maximum(cells[:, :-1], tall[:, 1:], out=cells[:, :-1])
    return cells


def _refuse_odd(ink: Ink, name: str) -> Ink:
    share = _share(ink)
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
