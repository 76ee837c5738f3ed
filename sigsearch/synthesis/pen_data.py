"""Recorded movements drawn as ink: what a tablet took down, as if written on paper.

Imitations are written more slowly than genuine signatures and pressed otherwise, so a tablet gives
them more points and other pressure. Neither may show: each stroke is carried through its points by
a smooth curve, resampled by its length and smoothed alike everywhere, and the pen and its pressure
are drawn at random.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sigsearch.synthesis.glyphs import FloatArray
from sigsearch.synthesis.pens import draw_pen, ink_flow
from sigsearch.synthesis.raster import GreyImage, draw_ink

_MM_IN_INCH = 25.4
_STEP = 0.15  # millimetres between resampled points
_SMOOTH = (0.2, 0.4)  # millimetres: what is finer than this is the tablet's
_BETWEEN = 8  # points of the curve for one of the tablet's
_SWELL = 12.0  # millimetres over which the invented pressure changes


def draw_pen_data(
    xy: NDArray[np.integer] | FloatArray,
    stroke: NDArray[np.integer],
    millimetres: float,
    rng: np.random.Generator,
    dpi: int = 300,
) -> GreyImage:
    """Grey ink (0 = none, 255 = full) of points `xy` (t, 2), y downwards, of which one unit is so
    many `millimetres`; `stroke` (t,) numbers the strokes."""
    smooth = float(rng.uniform(*_SMOOTH))
    places = np.asarray(xy, np.float64) * millimetres
    cuts = np.flatnonzero(np.diff(stroke)) + 1
    strokes = [_even(part, smooth) for part in np.split(places, cuts)]
    path = np.concatenate(strokes)
    pen = draw_pen(rng)
    width, density = ink_flow(pen, path, _pressure(len(path), rng), rng)
    scale = dpi / _MM_IN_INCH
    # The point after a stroke's last is in the air, so that nothing joins it to the next.
    lifted = np.concatenate([np.r_[part, part[-1:]] for part in strokes])
    ends = np.cumsum([len(part) for part in strokes])
    down = np.insert(np.ones(len(path), bool), ends, False)
    width, density = (np.insert(of, ends, of[ends - 1]) for of in (width, density))
    ink, _ = draw_ink(lifted * scale, down, width * scale, density)
    return ink


def _even(points: FloatArray, smooth: float) -> FloatArray:
    """One stroke (t, 2) in millimetres, at points `_STEP` apart along a smoothed curve."""
    curve = _curve(points)
    steps = np.hypot(*np.diff(curve, axis=0).T)
    along = np.insert(np.cumsum(steps), 0, 0.0)
    at = np.linspace(0, along[-1], max(round(along[-1] / _STEP), 1) + 1)
    even = np.stack([np.interp(at, along, side) for side in curve.T], axis=1)
    return _smoothed(even, smooth / _STEP)


def _curve(points: FloatArray) -> FloatArray:
    """The Catmull-Rom curve through all points, which lie evenly in time: a hand in a hurry leaves
    them far apart, and straight lines between them would show it."""
    if len(points) < 3:
        return points
    ends = np.r_[2 * points[:1] - points[1:2], points, 2 * points[-1:] - points[-2:-1]]
    before, here, there, after = (ends[k : k + len(points) - 1, None] for k in range(4))
    t = (np.arange(_BETWEEN) / _BETWEEN)[:, None]
    curve: FloatArray = here + t / 2 * (
        (there - before)
        + t * (2 * before - 5 * here + 4 * there - after)
        + t * t * (3 * (here - there) + after - before)
    )
    return np.concatenate([curve.reshape(-1, 2), points[-1:]])


def _smoothed(points: FloatArray, sigma: float) -> FloatArray:
    """Gaussian, `sigma` in points; the ends stay where they are."""
    reach = min(int(np.ceil(3 * sigma)), len(points) - 1)
    if reach < 1:
        return points
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    first, last = points[:1], points[-1:]
    padded = np.r_[2 * first - points[reach:0:-1], points, 2 * last - points[-2 : -reach - 2 : -1]]
    weights /= weights.sum()
    return np.stack([np.convolve(side, weights, "valid") for side in padded.T], axis=1)


def _pressure(count: int, rng: np.random.Generator) -> FloatArray:
    """An invented pressure (count,), 0.5 to 1, that swells and ebbs slowly along the path."""
    knots = max(int(count * _STEP / _SWELL), 1) + 2
    values = rng.uniform(0.5, 1.0, knots)
    return np.interp(np.linspace(0, knots - 1, count), np.arange(knots), values)
