"""A line drawn through a signature, looked for in the coarse picture that a fingerprint keeps, so
that references can be asked as well: where they have such a line it is part of how the writer
signs."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import numpy as np

from sigsearch.imaging.fingerprint import coarse_ink
from sigsearch.imaging.ink import Ink
from sigsearch.imaging.shares import distinct

_SLOPES = np.linspace(-0.45, 0.45, 37)  # rows a column, of the picture's own
_LEAST_COVER = 0.78  # of the columns between the ends
_MARGIN = 6  # columns at either end that the line may leave free
_MORE = 0.15  # than any reference's
_MIDDLE = (0.2, 0.8)  # of the height, where a line through the letters lies on the whole
_EITHER_SIDE = 0.15  # of the ink; above a headline of Devanagari there is less
_ALONG = 0.3  # of the columns have ink above the line, and as many below


def struck_through(questioned: bytes, references: Iterable[bytes]) -> bool:
    """Whether a line runs through the questioned signature as through none of its references; all
    are fingerprints (see `sigsearch.imaging.fingerprint`)."""
    cover = _cover(questioned)
    return cover >= _LEAST_COVER and all(_cover(one) <= cover - _MORE for one in references)


@lru_cache(maxsize=1024)
def _cover(fingerprint: bytes) -> float:
    """The share of the columns that the straightest line through the middle inks."""
    ink = coarse_ink(fingerprint)
    rows, columns = ink.shape
    thick = np.pad(ink, ((1, 1), (0, 0)))
    near = thick[:-2] | thick[1:-1] | thick[2:]
    at = np.arange(_MARGIN, columns - _MARGIN)
    first, last = int(_MIDDLE[0] * rows), int(_MIDDLE[1] * rows)
    middle = np.arange(first, last)[:, None]  # the line's row in the middle column
    best = 0.0
    for slope in _SLOPES:
        line = np.rint(middle + slope * (at - columns / 2)).astype(int)
        inside = (line >= 0) & (line < rows)
        whole = inside.all(axis=1)
        if not whole.any():
            continue
        cover = near[line[whole], at].mean(axis=1)
        top = int(cover.argmax())
        if cover[top] > best and _runs_between(ink, middle[whole][top, 0], float(slope)):
            best = float(cover[top])
    return best


def _runs_between(ink: Ink, middle: int, slope: float) -> bool:
    """Whether there is ink above the line and below it, and along much of it."""
    rows, columns = np.nonzero(ink)
    off = rows - (middle + slope * (columns - ink.shape[1] / 2))
    least, across = _EITHER_SIDE * len(rows), _ALONG * ink.shape[1]
    return all(
        np.count_nonzero(side) >= least and distinct(columns[side]) >= across
        for side in (off < -2, off > 2)
    )
