"""A cheap look before the detector: is this the crop of a signature, or a page?"""

from __future__ import annotations

from typing import Literal

import numpy as np

from sigsearch.arrays import Bytes
from sigsearch.documents.reduced import reduced
from sigsearch.errors import ImageBlank, ImageError
from sigsearch.imaging.components import Components, find_components
from sigsearch.imaging.ink import find_ink
from sigsearch.imaging.load import Page

Seen = Literal["crop", "page", "unsure"]

LEAST_PAGE, LEAST_DOUBT = 100_000, 250_000
"""Pixels: a page in fewer is not looked for, and one of text is told by `imaging` all the same; and
in fewer than the second, only a page that is plainly one."""
_SIDE = 512  # pixels of the look
_LEAST_AREA = 3  # pixels of a letter
_HIGH, _WIDE = 0.06, 0.15  # of the longer side: what is larger is no letter
_CROP, _PAGE = 12, 40  # letters; of writers' crops 2 % had more than the first, none the second
_DARK, _ALONG = 0.62, 0.12  # of the brightness of paper; of a side of the picture


def look_at(page: Page) -> Seen:
    """What `page` seems to be; `unsure` is settled by what is found on it."""
    if page.grey.size < LEAST_PAGE:
        return "crop"
    small, _ = reduced(page.grey, _SIDE)
    try:
        letters = _letters(find_components(find_ink(Page(small, page.name, ""))), max(small.shape))
    except ImageBlank:
        return "crop"
    except ImageError:
        return "page"
    if letters >= _PAGE:
        return "page"
    return "crop" if letters <= _CROP or page.grey.size < LEAST_DOUBT else "unsure"


def has_dark_border(grey: Bytes) -> bool:
    """Whether more than a sheet may be in the picture: a desk, a scanner's black edge."""
    small, _ = reduced(grey, _SIDE)
    dark = small < _DARK * np.percentile(small, 90)
    sides = (dark[0], dark[-1], dark[:, 0], dark[:, -1])
    return any(side.mean() > _ALONG for side in sides)


def _letters(parts: Components, side: int) -> int:
    width, height = (parts.box[:, 2:] - parts.box[:, :2]).T
    small = (height < _HIGH * side) & (width < _WIDE * side)
    return int(np.count_nonzero(small & (parts.area >= _LEAST_AREA)))
