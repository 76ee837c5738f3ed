"""A cheap look before the detector: is this the crop of a signature, or a page?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from sigsearch.documents.reduced import reduced
from sigsearch.errors import ImageBlank, ImageError
from sigsearch.imaging.components import Components, find_components
from sigsearch.imaging.ink import find_ink
from sigsearch.imaging.load import Page

Seen = Literal["crop", "page", "unsure"]

LEAST_PAGE, LEAST_DOUBT = 100_000, 250_000
"""Pixels: a page in fewer is not looked for, and one of text is told by `imaging` all the same; and
in fewer than the second, only a page that is plainly one."""
_SIDE, _SMALL_SIDE = 512, 256  # pixels of the look
_LEAST_AREA = 3  # pixels of a letter
_HIGH, _WIDE = 0.06, 0.15  # of the longer side: what is larger is no letter
_CROP, _SMALL_PAGE, _PAGE = 12, 30, 40
"""Letters: 2 % of writers' crops had more than the first, none as many as the second."""
_DARK, _ALONG = 0.62, 0.12  # of the brightness of paper; of a side of the picture


@dataclass(frozen=True, slots=True)
class Glance:
    """What a page seems to be, `unsure` being settled by what is found on it; and whether more than
    a sheet may be in the picture: a desk, a scanner's black edge."""

    seen: Seen
    dark_border: bool = False


def look_at(page: Page) -> Glance:
    """A glance at a page made small."""
    if page.grey.size < LEAST_PAGE:
        return Glance("crop")
    large = page.grey.size >= LEAST_DOUBT
    small, _ = reduced(page.grey, _SIDE if large else _SMALL_SIDE)
    found = Page(small, page.name, "")
    border = large and _has_dark_border(found)
    try:
        letters = _letters(find_components(find_ink(found)), max(small.shape))
    except ImageBlank:
        return Glance("crop", border)
    except ImageError:
        return Glance("page", border)
    if letters >= (_PAGE if large else _SMALL_PAGE):
        return Glance("page", border)
    return Glance("unsure" if large and letters > _CROP else "crop", border)


def _has_dark_border(small: Page) -> bool:
    grey = small.grey
    bright = int(np.searchsorted(np.cumsum(small.counts), 0.9 * grey.size))
    sides = (grey[0], grey[-1], grey[:, 0], grey[:, -1])
    return any(float(np.mean(side < _DARK * bright)) > _ALONG for side in sides)


def _letters(parts: Components, side: int) -> int:
    width, height = (parts.box[:, 2:] - parts.box[:, :2]).T
    small = (height < _HIGH * side) & (width < _WIDE * side)
    return int(np.count_nonzero(small & (parts.area >= _LEAST_AREA)))
