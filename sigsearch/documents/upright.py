"""Pages that lie sideways or upside down, by their print: lines of text run across, and more
letters rise above the small ones (b, d, l) than hang below them (g, p, y)."""

from __future__ import annotations

import numpy as np

from sigsearch.arrays import Bytes, Floats, Ids
from sigsearch.documents.reduced import reduced
from sigsearch.errors import ImageError
from sigsearch.imaging.components import find_components
from sigsearch.imaging.ink import Ink, find_ink
from sigsearch.imaging.load import Page

_COARSE, _FINE = 512, 1000  # pixels of the looks
_LINES = 9  # pixels of the coarse look: wider than a line of text
_LINES_RUN_DOWN, _LINES_RUN_ACROSS = 0.4, 1.3
"""The structure of a page's rows over that of its columns; between the two, lines may run either
way."""
_LEAST_LETTERS, _SAMPLE = 40, 240
_LEAST_ON_ITS_SIDE = 14  # more that rise than hang: columns of figures make a few
_SURELY, _FEW = 1.5, 5  # how many times as many rise as hang, and how many more
_SHARE = 0.06  # of the letters looked at: specks of dirt rise and hang as well


def quarter_turns(page: Page) -> int:
    """By how many quarters of a turn, anticlockwise, `page` is to be turned to stand upright; 0
    also where its print does not say."""
    try:
        coarse = find_ink(_small(page, _COARSE))
        fine = find_ink(_small(page, _FINE))
    except ImageError:  # blank, or a picture: nothing to tell it by
        return 0
    across = _structure(coarse.sum(axis=1)) / max(_structure(coarse.sum(axis=0)), 1e-9)
    as_it_lies = _stands(fine) if across > _LINES_RUN_DOWN else 0
    if across < _LINES_RUN_ACROSS:
        on_its_side = _stands(np.rot90(fine))
        if abs(on_its_side) > max(_SURELY * abs(as_it_lies), _LEAST_ON_ITS_SIDE):
            return 1 if on_its_side > 0 else 3
    return 2 if as_it_lies < 0 else 0


def turned(grey: Bytes, quarters: int) -> Bytes:
    return np.ascontiguousarray(np.rot90(grey, quarters)) if quarters % 4 else grey


def _small(page: Page, side: int) -> Page:
    return Page(reduced(page.grey, side)[0], page.name, "")


def _structure(profile: Ids) -> float:
    """How much a profile varies from one line of text to the next, for its length."""
    near = np.convolve(profile, np.ones(_LINES) / _LINES, "same")
    return float(np.square(profile - near).mean())


def _stands(ink: Ink) -> int:
    """How many more letters rise than hang; below 0 for text that is upside down, and 0 where that
    is not sure."""
    boxes = _letters(ink)
    if len(boxes) < _LEAST_LETTERS:
        return 0
    left, top, right, bottom = boxes.T
    across, down, high = (left + right) / 2, (top + bottom) / 2, float(np.median(bottom - top))
    near_from = np.searchsorted(down, down - 0.8 * high)
    near_to = np.searchsorted(down, down + 0.8 * high)
    rising = hanging = 0
    for at in np.linspace(0, len(boxes) - 1, min(len(boxes), _SAMPLE)).astype(int):
        about = slice(near_from[at], near_to[at])
        beside = np.abs(across[about] - across[at]) < 10 * high
        above, below = _beyond(top[about][beside], bottom[about][beside], top[at], bottom[at])
        rising += above > 0.2 and abs(below) < 0.15
        hanging += below > 0.2 and abs(above) < 0.15
    more, fewer = max(rising, hanging), min(rising, hanging)
    sure = more > _SURELY * fewer + _FEW and more - fewer > _SHARE * min(len(boxes), _SAMPLE)
    return rising - hanging if sure else 0


def _beyond(tops: Floats, bottoms: Floats, top: float, bottom: float) -> tuple[float, float]:
    """How far a letter rises above and hangs below the small ones of its line, in their heights."""
    heights = bottoms - tops
    if len(heights) < 4:
        return 0.0, 0.0
    small = heights <= np.percentile(heights, 40)
    line, base = float(np.median(tops[small])), float(np.median(bottoms[small]))
    height = max(base - line, 2.0)
    return (line - top) / height, (bottom - base) / height


def _letters(ink: Ink) -> Floats:
    """(n, 4) left, top, right, bottom of what is about as large as most letters, downwards."""
    parts = find_components(ink)
    box, side = parts.box.astype(np.float64), max(ink.shape)
    width, height = box[:, 2] - box[:, 0], box[:, 3] - box[:, 1]
    fits = (parts.area >= 6) & (height >= 3) & (height < 0.03 * side) & (width < 0.05 * side)
    if not fits.any():
        return box[:0]
    usual = np.median(height[fits])
    fits &= (height > 0.5 * usual) & (height < 2.2 * usual)
    downwards: Floats = box[fits][np.argsort((box[fits, 1] + box[fits, 3]) / 2)]
    return downwards
