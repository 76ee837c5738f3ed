"""Rings of stamps: whole ones, and what is left of them where their print was taken away. A ring is
told from a round stroke of the pen by being as even as print."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sigsearch.arrays import Floats
from sigsearch.imaging.components import Components, find_components, labels, paint, without
from sigsearch.imaging.ink import Ink, count, stroke_width
from sigsearch.imaging.shares import distinct, percentiles

_LEAST_FOREIGN = 0.1  # of the ink, for a stamp to be looked for
_LEAST_RING = 24  # pixels across
_OFF_CENTRE = 0.35  # of its radius: where a stamp's ring has its middle, from what it encloses
_UNEVEN = 0.3  # stroke widths that a printed ring strays by, and a pixel
_STEPS = 72  # of a whole turn
_LEAST_ARC = 0.2  # of the circle
_WHOLE = 71 / _STEPS
_FINE = 12.0  # stroke widths across: smaller ones are drawn as evenly by hand
_THIN = 0.35  # of its box
_CROSSINGS = 2.5  # of a row by a ring on average, at most: twice but for torn edges
_FEW = 200  # runs of a component, in a first look


def printed_rings(ink: Ink, parts: Components) -> NDArray[np.bool_]:
    """Which of the `parts` of `ink` are whole circles or ellipses that no hand draws so evenly."""
    found = np.zeros(len(parts), np.bool_)
    sides = parts.box[:, 2:] - parts.box[:, :2]
    may_be = (parts.area <= _THIN * sides.prod(axis=1)) & (sides.min(axis=1) >= _LEAST_RING)
    # A ring has about the area of its outline, pi times the mean of its axes, a stroke wide.
    may_be &= parts.area * _FINE <= np.pi * (sides.mean(axis=1) ** 2)
    for at in np.flatnonzero(may_be & _hollow(parts)).tolist():
        if not _resembles_ellipse(parts, at):
            continue
        left, top, right, bottom = parts.box[at].tolist()
        part = paint(parts, np.arange(len(parts)) == at, ink.shape)[top:bottom, left:right]
        found[at] = _is_even_ellipse(part)
    return found


def without_rings(ink: Ink, own: Ink) -> Ink:
    """`own`, a part of `ink`, without the rings around what was taken from `ink`, and without
    pieces of them; the same array if there are none."""
    foreign = ink & ~own
    if count(foreign) < _LEAST_FOREIGN * count(ink):
        return own
    parts = find_components(ink)
    gone = np.bincount(labels(parts, ink.shape)[foreign], minlength=len(parts))
    rings = (gone < parts.area) & _rings(parts, gone > 0, ink.shape)
    if not rings.any():
        return own
    rest = own & without(ink, parts, rings)
    return rest if rest.any() else own


def _rings(
    parts: Components, foreign: NDArray[np.bool_], shape: tuple[int, ...]
) -> NDArray[np.bool_]:
    """Which are arcs of a circle around what is `foreign`."""
    found = np.zeros(len(parts), np.bool_)
    box = parts.box[foreign]
    middle = (box[:, :2].min(axis=0) + box[:, 2:].max(axis=0)) / 2
    sides = parts.box[:, 2:] - parts.box[:, :2]
    thin = parts.area <= _THIN * sides.prod(axis=1)
    for at in np.flatnonzero(thin & (sides.max(axis=1) >= _LEAST_RING)):
        left, top, right, bottom = parts.box[at].tolist()
        part = paint(parts, np.arange(len(parts)) == at, shape)[top:bottom, left:right]
        found[at] = _is_ring(part, middle - (left, top))
    return found


def _is_ring(part: Ink, middle: NDArray[np.float64]) -> bool:
    """Whether the ink of `part` (cropped to its box) is an arc as even as print, around
    `middle`."""
    y, x = (places.astype(np.float64) for places in np.nonzero(part))
    # Kasa's fit (1976): x^2 + y^2 = 2 a x + 2 b y + c.
    terms = np.stack([2 * x, 2 * y, np.ones_like(x)], axis=1)
    (a, b, c), *_ = np.linalg.lstsq(terms, x**2 + y**2, rcond=None)
    radius = float(np.sqrt(max(c + a**2 + b**2, 0.0)))
    if radius < _LEAST_RING / 2 or np.hypot(*(middle - (a, b))) > _OFF_CENTRE * radius:
        return False
    turn = np.arctan2(y - b, x - a)
    return _is_even(part, np.hypot(x - a, y - b), turn, _LEAST_ARC)


def _hollow(parts: Components) -> NDArray[np.bool_]:
    """Which are crossed twice by the row through their middle, and by most others no more often."""
    count = len(parts)
    middle = (parts.box[:, 1] + parts.box[:, 3]) // 2
    across = np.bincount(parts.component[parts.row == middle[parts.component]], minlength=count)
    runs = np.bincount(parts.component, minlength=count)
    return (across >= 2) & (runs <= _CROSSINGS * (parts.box[:, 3] - parts.box[:, 1]))


def _resembles_ellipse(parts: Components, at: int) -> bool:
    """A look at a few pixels of component `at`, which spares nearly all strokes the long one."""
    left, top, right, bottom = parts.box[at].tolist()
    runs = np.flatnonzero(parts.component == at)
    runs = runs[np.linspace(0, len(runs) - 1, _FEW).astype(np.int64)]
    x, y = (parts.start[runs] + parts.end[runs] - 1) // 2, parts.row[runs]
    fit = _ellipse_through(
        x.astype(np.float64), y.astype(np.float64), max(right - left, bottom - top)
    )
    if fit is None:
        return False
    inner, outer = percentiles(fit[0], 5, 95)
    thick = parts.area[at] / (np.pi * (right - left + bottom - top) / 2)
    return bool(outer - inner <= 2 * ((1 + _UNEVEN) * thick + 1))


def _is_even_ellipse(part: Ink) -> bool:
    """Whether the ink of `part` (cropped to its box) is a closed ellipse as even as print."""
    y, x = (places.astype(np.float64) for places in np.nonzero(part))
    fit = _ellipse_through(x, y, max(part.shape))
    return fit is not None and _is_even(part, *fit, _WHOLE)


def _ellipse_through(x: Floats, y: Floats, side: int) -> tuple[Floats, Floats] | None:
    """How far, in pixels, each pixel lies outside the ellipse that fits them all, and its turn
    around the middle in radians; None where no ellipse fits. `side`: of their box, the longer."""
    half = side / 2
    x, y = (x - x.mean()) / half, (y - y.mean()) / half
    # a x^2 + b xy + c y^2 + d x + e y = 1, by least squares.
    terms = np.stack([x * x, x * y, y * y, x, y], axis=1)
    (a, b, c, d, e), *_ = np.linalg.lstsq(terms.T @ terms, terms.sum(axis=0), rcond=None)
    if 4 * a * c <= b * b:
        return None
    slope = np.hypot(2 * a * x + b * y + d, b * x + 2 * c * y + e)
    off = (terms @ (a, b, c, d, e) - 1) / np.maximum(slope, 1e-6) * half  # about
    return off, np.arctan2(y, x)


def _is_even(part: Ink, off: Floats, turn: Floats, least: float) -> bool:
    """Whether the ink of `part` strays no further than print from a curve, which it follows over a
    share `least` of the whole turn; off, turn: of each pixel, in pixels across and in radians."""
    inner, outer = percentiles(off, 1, 99)
    steps = distinct((turn / (2 * np.pi) * _STEPS).astype(int) % _STEPS)
    even = outer - inner <= (1 + _UNEVEN) * stroke_width(part) + 1
    return bool(even and steps >= least * _STEPS)
