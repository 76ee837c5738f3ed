"""A faint signature beside dark print: where ink begins is then told by the print, and half of the
signature is taken for paper."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sigsearch.imaging.canvas import grown
from sigsearch.imaging.ink import Ink, count
from sigsearch.imaging.levels import median
from sigsearch.imaging.load import Page

_DARKER = 1.3  # times as far from the paper
_LEAST_FOREIGN = 0.1  # of the ink
_RIM = 3  # pixels: what surrounds print is in between


def without_darker(page: Page, found: Ink, own: Ink) -> Page:
    """`page` without the ink `found` on it that is not the signature's `own`, so that its ink can
    be told anew, where that ink is much darker; else the same page."""
    foreign = found & ~own
    if count(foreign) < _LEAST_FOREIGN * count(found) or not own.any():
        return page
    paper = median(page.counts)
    depth = [abs(paper - float(np.median(page.grey[ink]))) for ink in (foreign, own)]
    if depth[0] < _DARKER * depth[1]:
        return page
    gone = grown(foreign, _RIM) & ~own
    return replace(page, grey=np.where(gone, np.uint8(paper), page.grey))
