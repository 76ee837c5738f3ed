"""Whether a line that was taken from a signature as print may have struck it through: a line to
sign on lies low and sticks out far, or reaches the edges of its page."""

from __future__ import annotations

import numpy as np

from sigsearch.imaging.ink import Ink, count, ink_box, stroke_width

_ACROSS = 0.75  # of the signature's width
_OVERHANG = 0.12  # of it, at either end
_EDGE = 3  # pixels
_MIDDLE = (0.25, 0.68)  # of its height
_THICKNESS = 3.0  # of its strokes, on the mean
_SLOPING = 0.3  # of its height


def is_crossed_out(found: Ink, own: Ink) -> bool:
    """`own`: the signature's part of the ink `found` on a page."""
    line = found & ~own
    if not line.any() or not own.any():
        return False
    left, top, right, bottom = ink_box(own)
    line[:top], line[bottom:] = False, False
    start, upper, end, lower = ink_box(line)
    width = right - left
    if end - start < _ACROSS * width or lower - upper > _SLOPING * (bottom - top):
        return False
    if start <= _EDGE or end >= line.shape[1] - _EDGE:
        return False
    if max(left - start, end - right) > _OVERHANG * width:
        return False
    if count(line) > _THICKNESS * stroke_width(own) * (end - start):
        return False
    return _lies_between(line, own)


def _lies_between(line: Ink, own: Ink) -> bool:
    """Whether it runs through the middle of what the signature spans, from top to bottom."""
    _, top, _, bottom = ink_box(own)
    place = (np.nonzero(line)[0].mean() - top) / (bottom - top)
    return bool(_MIDDLE[0] <= place <= _MIDDLE[1])
