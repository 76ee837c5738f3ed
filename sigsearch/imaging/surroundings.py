"""What lies around the sheet: a scanner's black edges, the desk in a photograph. It is told from
ink by being dark all through, far broader than a stroke, and reaching the border of the picture;
and it is replaced by the paper next to it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sigsearch.imaging.components import find_components, paint, touched_by
from sigsearch.imaging.levels import histogram, otsu
from sigsearch.imaging.load import Page

Cells = NDArray[np.float32]
Mask = NDArray[np.bool_]

_CELLS = 64  # along the longer side
_LEAST_CELL = 4  # pixels
_LEAST_SIDE = 64  # pixels; nobody sees a desk in less
_DARK = 0.62  # of bright paper; light that falls off more than that is not told from a desk
_BRIGHT = 90  # percentile
_TEXTURE = 1.25  # how much brighter than that a desk's grain may be
_STEP = 0.8  # of the brightness of the sheet two cells on
_LEAST_AREA = 0.006  # of the picture
_LEAST_BORDER = 0.12  # of a side of the picture that it lies along
_LEAST_SHEET = 0.2  # of the picture
_PLAIN = 0.15  # of the brightness: what a cell of bare paper varies by
_SOLID = 0.5  # of the sheet's cells have only sheet around them: bright strokes do not


def without_surroundings(page: Page) -> tuple[Page, float]:
    """`page` with the paper continued to its border, and how much of it was replaced, 0..1; the
    same page where nothing was."""
    if min(page.grey.shape) < _LEAST_SIDE or not _has_dark_border(page):
        return page, 0.0
    size = max(max(page.grey.shape) // _CELLS, _LEAST_CELL)
    cells = _means(page.grey, size)
    outside = _outside(cells, _brightest(page.grey, size))
    if outside is None:
        return page, 0.0
    return replace(page, grey=_continued(page.grey, cells, outside, size)), float(outside.mean())


def _has_dark_border(page: Page) -> bool:
    grey = page.grey
    bright = int(np.searchsorted(np.cumsum(page.counts), grey.size * _BRIGHT / 100))
    sides = (grey[0], grey[-1], grey[:, 0], grey[:, -1])
    return any(np.mean(side < _DARK * bright) > _LEAST_BORDER for side in sides)


def _outside(cells: Cells, brightest: Cells) -> Mask | None:
    bright = float(np.percentile(cells, _BRIGHT))
    cut, _ = otsu(histogram(cells.astype(np.uint8)))
    limit = min(_DARK * bright, cut + 1.0)
    dark = (cells < limit) & (brightest < _TEXTURE * limit)  # all through, unlike strokes
    parts = find_components(dark)
    keep = parts.area >= _LEAST_AREA * cells.size
    outside = np.zeros_like(dark)
    for at in np.flatnonzero(keep):
        part = paint(parts, np.arange(len(parts)) == at, dark.shape)
        sides = (part[0], part[-1], part[:, 0], part[:, -1])
        if any(side.mean() >= _LEAST_BORDER for side in sides) and _broad(part):
            outside |= part
    if not outside.any() or not _ends_sharply(cells, outside):
        return None
    outside = _grown(outside)
    sheet = ~outside
    inner = ~_grown(~sheet)
    plain = brightest - cells < _PLAIN * bright
    if sheet.mean() < _LEAST_SHEET or inner.sum() < _SOLID * sheet.sum():
        return None
    if plain[sheet].mean() < _SOLID:  # bright strokes on black
        return None
    return outside


def _ends_sharply(cells: Cells, outside: Mask) -> bool:
    """Whether it is brighter at once where the sheet begins: shadows and falling light end
    softly."""
    beyond = _grown(_grown(outside)) & ~_grown(outside)
    rim = outside & _grown(_grown(~outside))
    return bool(beyond.any() and cells[rim].mean() <= _STEP * cells[beyond].mean())


def _broad(part: Mask) -> bool:
    """Whether it is more than a line of cells somewhere along the border, as no stroke is."""
    depth = (part.sum(axis=1).max(), part.sum(axis=0).max())
    return bool(min(depth) >= 2 or part.sum() >= 0.5 * max(part.shape))


def _continued(
    grey: NDArray[np.uint8], cells: Cells, outside: Mask, size: int
) -> NDArray[np.uint8]:
    from PIL import Image

    paper = _filled(_brightest(grey, size), outside)
    height, width = grey.shape
    whole = (cells.shape[1] * size, cells.shape[0] * size)
    smooth = Image.fromarray(paper.astype(np.uint8)).resize(whole, Image.Resampling.BILINEAR)
    mask = np.repeat(np.repeat(outside, size, axis=0), size, axis=1)[:height, :width]
    mask |= _along_the_border(grey < _DARK * np.asarray(smooth)[:height, :width], mask, size)
    return np.where(mask, np.asarray(smooth)[:height, :width], grey)


def _along_the_border(dark: Mask, outside: Mask, size: int) -> Mask:
    """What hangs together with the `outside` along the border, where it runs out to a point."""
    dark[size:-size, size:-size] = False
    parts = find_components(dark)
    narrow = paint(parts, touched_by(parts, outside), dark.shape)
    return _grown(_grown(narrow))


def _filled(paper: Cells, unknown: Mask) -> Cells:
    """`paper` with the unknown cells taken from those beside them, from the sheet outwards."""
    paper, unknown = paper.copy(), unknown.copy()
    while unknown.any():
        known = np.pad(~unknown, 1).astype(np.float32)
        value = np.pad(np.where(unknown, 0, paper), 1)
        views = [(slice(1 + y, known.shape[0] - 1 + y), slice(1 + x, known.shape[1] - 1 + x))
                 for y in (-1, 0, 1) for x in (-1, 0, 1)]  # fmt: skip
        weight = sum(known[view] for view in views)
        total = sum(value[view] for view in views)
        now = unknown & (np.asarray(weight) > 0)
        paper[now] = (np.asarray(total) / np.maximum(weight, 1))[now]
        unknown &= ~now
    return paper


def _means(grey: NDArray[np.uint8], size: int) -> Cells:
    means: Cells = _blocks(grey, size).mean(axis=(1, 3), dtype=np.float32)
    return means


def _brightest(grey: NDArray[np.uint8], size: int) -> Cells:
    found: Cells = _blocks(grey, size).max(axis=(1, 3)).astype(np.float32)
    return found


def _blocks(grey: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    height, width = grey.shape
    padded = np.pad(grey, ((0, -height % size), (0, -width % size)), mode="edge")
    return padded.reshape(padded.shape[0] // size, size, padded.shape[1] // size, size)


def _grown(mask: Mask) -> Mask:
    wide = np.pad(mask, 1)
    tall = wide[2:] | wide[1:-1] | wide[:-2]
    return tall[:, 2:] | tall[:, 1:-1] | tall[:, :-2]
