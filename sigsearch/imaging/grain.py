"""The grain of a camera's sensor or of a scanner's, and the dots of a printer's or a fax's screen:
both would break strokes and strew specks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sigsearch.imaging.levels import Counts, otsu

Grey = NDArray[np.uint8]

_FINE = 5.0  # grey levels: scans of the public sets have 3.2 at most
_LEFT = 0.05  # what may be left of the grain, as a share of the contrast between paper and ink
_BLUR = (0.5, 2.0)  # pixels at least and at most: more would fill the loops of letters
_LEAST_SIDE = 64  # pixels: smaller pages are all strokes, and JPEG's ripples around them
_ROWS = 64  # looked at to measure the grain
_APART = 2  # pixels: neighbours are smeared together by sensors, scaling and JPEG
_SCREENED = (5_000, 0.08)  # runs of ink, and runs a pixel: coarse scans of print come near it
_SCREEN_BLUR = 2.0  # pixels
_MEDIAN = 0.6745 * 2**0.5  # of the difference of two pixels, for a grain of 1


def calmed(grey: Grey, counts: Counts) -> Grey:
    """`grey` (height, width), dark ink on bright paper, whose levels are `counts`: itself where its
    grain is fine, else blurred until little of it is left. A Gaussian of s pixels leaves
    1 / (2 sqrt(pi) s) of grain that differs from pixel to pixel."""
    if min(grey.shape) < _LEAST_SIDE:
        return grey
    cut, contrast = otsu(counts)
    grain = _coarse_grain(grey, cut)
    if not grain:
        return grey
    from PIL import Image, ImageFilter

    blur = grain / (2 * np.pi**0.5 * _LEFT * max(contrast, 1.0))
    radius = min(max(blur, _BLUR[0]), _BLUR[1])
    return np.asarray(Image.fromarray(grey).filter(ImageFilter.GaussianBlur(radius)))


def _coarse_grain(grey: Grey, cut: int) -> float:
    """The spread (standard deviation) of the grain in grey levels, 0 where it is fine: from the
    median difference of pixels near each other that are brighter than `cut`, so both on paper. On
    white paper, where brighter grain is cut off, it is about half of what it was."""
    rows = grey[:: max(len(grey) // _ROWS, 1)].astype(np.int16)
    one, other = rows[:, _APART:], rows[:, :-_APART]
    apart, paper = np.abs(one - other), np.minimum(one, other) > cut
    # On a clean page most do not differ, and counting is quicker than a median.
    if 2 * np.count_nonzero((apart > _FINE * _MEDIAN) & paper) <= np.count_nonzero(paper):
        return 0.0
    return float(np.median(apart[paper])) / _MEDIAN


def runs_in(ink: NDArray[np.bool_]) -> int:
    """How many stretches of ink the rows of `ink` have."""
    return int(np.count_nonzero(ink[:, 1:] > ink[:, :-1]) + np.count_nonzero(ink[:, 0]))


def is_screened(ink: NDArray[np.bool_]) -> bool:
    """Whether grey was made of dots, by dithering or a halftone screen."""
    least, share = _SCREENED
    return ink.size * share >= least and runs_in(ink) > max(least, share * ink.size)


def screen_blurred(grey: Grey) -> Grey:
    """The grey that dots stand for."""
    from PIL import Image, ImageFilter

    blurred = Image.fromarray(grey).filter(ImageFilter.GaussianBlur(_SCREEN_BLUR))
    return np.asarray(blurred)
