"""Marks beside a signature that are told from it by their shape: punched holes, the rings of
stamps, the dots of dotted paper, and the X before a line to sign on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sigsearch.imaging.components import Components, find_components, paint, without
from sigsearch.imaging.ink import Ink, stroke_width
from sigsearch.imaging.rings import printed_rings

Chosen = NDArray[np.bool_]

_BROAD = 4.5  # stroke widths: the least diameter of a hole
_SOLID = 0.65  # of its box; a disc fills 0.79
_ROUND = 2.4  # at most so many times as long as wide; a hole at the page's edge is cut in half
_LEAST_DOTS, _MOST_DOTS = 40, 5_000
_EVEN, _REGULAR = 0.1, 0.8  # distances that differ by less are one; the share of dots so far apart
_DOT = 2.0  # stroke widths across at most
_SPREAD = 0.6  # of the page that the dots are strewn over
_CROSS = (0.5, 1.6)  # width over height
_ON_CROSS = 0.9  # of its pixels lie on the diagonals of its box
_APART = 0.2  # of a cross's size, from what stands beside it


def drop_marks(ink: Ink, parts: Components) -> Ink:
    """`ink` (height, width), whose components are `parts`, without holes, printed rings and paper's
    dots; the same array if there are none."""
    if not len(parts):
        return ink
    gone = _holes(ink, parts) | printed_rings(ink, parts) | _dots(ink, parts)
    return without(ink, parts, gone) if gone.any() and not gone.all() else ink


def drop_cross(ink: Ink) -> Ink:
    """`ink`, from which a line to sign on was taken, without the X that stood before the signature;
    the same array if there is none."""
    parts = find_components(ink)
    if len(parts) < 2:
        return ink
    stroke = stroke_width(ink)
    large = np.flatnonzero(parts.area >= 6 * stroke**2)
    if len(large) < 2:
        return ink
    first = large[parts.box[large, 0].argmin()]
    left, top, right, bottom = parts.box[first].tolist()
    others = large[large != first]
    apart = parts.box[others, 0].min() - right >= _APART * (bottom - top)
    part = paint(parts, np.arange(len(parts)) == first, ink.shape)[top:bottom, left:right]
    if not (apart and _is_cross(part, stroke_width(part))):
        return ink
    return without(ink, parts, np.arange(len(parts)) == first)


def _sides(parts: Components) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    width, height = parts.box[:, 2] - parts.box[:, 0], parts.box[:, 3] - parts.box[:, 1]
    return np.minimum(width, height), np.maximum(width, height)


def _holes(ink: Ink, parts: Components) -> Chosen:
    short, long = _sides(parts)
    solid = (parts.area >= _SOLID * short * long) & (long <= _ROUND * short)
    if not (solid := solid & (short >= 2 * _BROAD)).any():
        return solid
    strokes = without(ink, parts, solid)
    if not strokes.any():
        return np.zeros_like(solid)
    return solid & (short >= _BROAD * stroke_width(strokes))


def _dots(ink: Ink, parts: Components) -> Chosen:
    _, long = _sides(parts)
    none = np.zeros(len(parts), np.bool_)
    if len(parts) < _LEAST_DOTS:
        return none
    small = long <= max(_DOT * stroke_width(ink), 3.0)
    if small.sum() < _LEAST_DOTS:
        return none
    usual = np.median(parts.area[small])
    dots: Chosen = small & (parts.area <= 2 * usual)
    if not _LEAST_DOTS <= dots.sum() <= _MOST_DOTS:
        return none
    box = parts.box[dots]
    spread = (box[:, 2:].max(axis=0) - box[:, :2].min(axis=0)) / ink.shape[::-1]
    return dots if (spread >= _SPREAD).all() and _is_lattice(box) else none


def _is_lattice(box: NDArray[np.int64]) -> bool:
    """Whether nearly all dots have their nearest neighbour at one and the same distance."""
    middle = (box[:, :2] + box[:, 2:]) / 2
    nearest = np.empty(len(middle))
    for at, place in enumerate(middle):
        apart = np.abs(middle - place).sum(axis=1)
        apart[at] = np.inf
        nearest[at] = apart.min()
    usual = np.median(nearest)
    return bool((np.abs(nearest - usual) <= _EVEN * usual + 1).mean() >= _REGULAR)


def _is_cross(part: Ink, stroke: float) -> bool:
    """Whether the ink of `part` (cropped to its box) is two straight strokes from corner to
    corner."""
    height, width = part.shape
    if not (_CROSS[0] <= width / height <= _CROSS[1] and min(part.shape) >= 3 * stroke):
        return False
    rows, columns = np.nonzero(part)
    y, x = (rows + 0.5) / height, (columns + 0.5) / width
    falling, rising = np.abs(x - y), np.abs(x + y - 1)
    reach = (stroke + 1) / min(part.shape)
    near = np.minimum(falling, rising) <= reach
    on_each = [(np.bincount((y[d <= reach] * 8).astype(int), minlength=8)[:8] > 0).all()
               for d in (falling, rising)]  # fmt: skip
    return bool(near.mean() >= _ON_CROSS and all(on_each))
