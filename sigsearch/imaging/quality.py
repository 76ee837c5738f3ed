"""Reasons to refuse a signature, or to warn about it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sigsearch.errors import AllInk, InkTooSmall, WholePage
from sigsearch.imaging.components import Components, find_components
from sigsearch.imaging.ink import stroke_width

_LEAST_SIDE = 12  # pixels: below this no letter can be told from another
_LEAST_INK = 40  # pixels
_MOST_RUNS = 600_000  # stretches of ink along the rows; a large page of text has half as many
_MOST_LETTERS = 120  # crops had 104 at most, half of all pages 770
_LETTER_SIDE, _LETTER_SHARE = 6, 0.1  # pixels; of the page's longer side
_COARSE_SIDE = 48
_SMALL_SIDE = 100  # pixels: below this writers are no longer told apart well
_FEW_STROKES = 3.1  # ink length over the root of the box's area: a square cross has 2.9
_TWO_LINES = 2.1  # ink length over the box's diagonal: a cross has 2
_LONG_CROSS = 3.25  # and over that root: a cross twice as wide as tall has 3.2
_FEW_PIECES = 3
_FINE_STROKE = 4.0  # pixels: thicker ones do not break
_MANY_PIECES, _SCRAP, _SCRAPS = (
    12,
    6.0,
    0.17,
)  # how many; stroke widths long; their share of the ink
_SIMPLE_LENGTH = 1.6  # ink length over the box's longer side: little more than one straight line


def refuse_unusable(ink: NDArray[np.bool_], name: str) -> None:
    """Raise InkTooSmall when `ink` (cropped to its box) is too small to compare."""
    if max(ink.shape) < _LEAST_SIDE or np.count_nonzero(ink) < _LEAST_INK:
        height, width = ink.shape
        raise InkTooSmall(
            f"{name}: the ink covers only {width} x {height} pixels; scan at a higher resolution"
        )


def refuse_page(ink: NDArray[np.bool_], parts: Components, name: str) -> None:
    """Raise WholePage when `ink`, all that was found (`parts`: its components), is that of a page
    of text or a form, AllInk when it is a pattern."""
    runs = len(parts.row)
    if runs > _MOST_RUNS:
        raise AllInk(
            f"{name}: a pattern covers the page ({runs} marks); give a scan without a "
            "halftone pattern"
        )
    if len(parts) <= _MOST_LETTERS:
        return
    letters = _letters(ink, parts)
    if letters > _MOST_LETTERS:
        raise WholePage(
            f"{name}: looks like a whole page or a form ({letters} marks as small as letters); "
            "cut the signature out of it"
        )


def _letters(ink: NDArray[np.bool_], parts: Components) -> int:
    """How many pieces of ink are larger than specks and small on the page."""
    stroke = stroke_width(ink)
    long = (parts.box[:, 2:] - parts.box[:, :2]).max(axis=1, initial=0)
    small = (long >= _LETTER_SIDE) & (long < _LETTER_SHARE * max(ink.shape))
    return int(np.count_nonzero(small & (parts.area >= max(12, 2 * stroke**2))))


def warnings_for(
    ink: NDArray[np.bool_],
    box: tuple[int, int, int, int],
    page_shape: tuple[int, ...],
    stroke: float,
    printed: bool,
    pieces: int | None = None,
) -> tuple[str, ...]:
    """Stable names of what may spoil a comparison: `low_resolution`, `touches_edge` (perhaps cut
    off), `too_small` (for writers to be told apart), `simple` (so little ink that anyone could
    imitate it), `few_strokes` (a cross, a circle, plain initials), `broken` (into many pieces) and
    `printed` (print, rules, a box or a stamp were taken out, and strokes that touched them may
    have gone too). `pieces`: of how many the ink consisted, where that is known."""
    found = []
    if max(ink.shape) < _COARSE_SIDE or stroke < 1.2:
        found.append("low_resolution")
    if _reaches_edge(ink, box, page_shape, stroke):
        found.append("touches_edge")
    if max(ink.shape) < _SMALL_SIDE:
        found.append("too_small")
    length = np.count_nonzero(ink) / max(stroke, 1.0)
    if length < _SIMPLE_LENGTH * max(ink.shape):
        found.append("simple")
    if _has_few_strokes(ink, length, stroke):
        found.append("few_strokes")
    may_be_broken = pieces is None or pieces >= _MANY_PIECES
    if may_be_broken and stroke < _FINE_STROKE and _is_broken(ink, stroke):
        found.append("broken")
    if printed:
        found.append("printed")
    return tuple(found)


def _is_broken(ink: NDArray[np.bool_], stroke: float) -> bool:
    parts = find_components(ink)
    long = (parts.box[:, 2:] - parts.box[:, :2]).max(axis=1, initial=0)
    scraps = parts.area[long < _SCRAP * stroke].sum()
    return bool(len(parts) >= _MANY_PIECES and scraps > _SCRAPS * parts.area.sum())


def _has_few_strokes(ink: NDArray[np.bool_], length: float, stroke: float) -> bool:
    root = np.sqrt(ink.size)
    crossed = length <= _TWO_LINES * np.hypot(*ink.shape) and length < _LONG_CROSS * root
    if length >= _FEW_STROKES * root and not crossed:
        return False
    return bool(np.count_nonzero(find_components(ink).area >= 2 * stroke**2) <= _FEW_PIECES)


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
