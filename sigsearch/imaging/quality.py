"""Reasons to refuse a signature, or to warn about it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sigsearch.errors import InkTooSmall

_LEAST_SIDE = 12  # pixels: below this no letter can be told from another
_LEAST_INK = 40  # pixels
_COARSE_SIDE = 48
_SIMPLE_LENGTH = 1.6  # ink length over the box's longer side: little more than one straight line


def refuse_unusable(ink: NDArray[np.bool_], name: str) -> None:
    """Raise InkTooSmall when `ink` (cropped to its box) is too small to compare."""
    if max(ink.shape) < _LEAST_SIDE or np.count_nonzero(ink) < _LEAST_INK:
        height, width = ink.shape
        raise InkTooSmall(
            f"{name}: the ink covers only {width} x {height} pixels; scan at a higher resolution"
        )


def warnings_for(
    ink: NDArray[np.bool_],
    box: tuple[int, int, int, int],
    page_shape: tuple[int, ...],
    stroke: float,
    printed: bool,
) -> tuple[str, ...]:
    """Stable names of what may spoil a comparison: `low_resolution`, `touches_edge` (perhaps cut
    off), `simple` (so little ink that anyone could imitate it) and `printed` (print, rules, a box
    or a stamp were taken out, and strokes that touched them may have gone too)."""
    found = []
    if max(ink.shape) < _COARSE_SIDE or stroke < 1.2:
        found.append("low_resolution")
    if _reaches_edge(ink, box, page_shape, stroke):
        found.append("touches_edge")
    if np.count_nonzero(ink) / max(stroke, 1.0) < _SIMPLE_LENGTH * max(ink.shape):
        found.append("simple")
    if printed:
        found.append("printed")
    return tuple(found)


def _reaches_edge(
    ink: NDArray[np.bool_],
    box: tuple[int, int, int, int],
    page_shape: tuple[int, ...],
    stroke: float,
) -> bool:
    """Ink that meets the page's border over more than two stroke widths looks cut, while a page
    cropped to the ink's own box is merely tight."""
    left, top, right, bottom = box
    sides = (
        (left == 0, ink[:, 0]),
        (top == 0, ink[0]),
        (right == page_shape[1], ink[:, -1]),
        (bottom == page_shape[0], ink[-1]),
    )
    return any(at_border and np.count_nonzero(edge) > 3 * stroke for at_border, edge in sides)
