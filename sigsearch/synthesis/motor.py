"""The motor: a plan becomes a movement, as a sum of sigma-lognormal strokes.

Each stroke is an arc between two targets whose speed is a lognormal in time, and a stroke begins
before the one before it has ended (Plamondon 1995; Ferrer et al. 2015). More overlap makes rounder
and smaller writing, less makes it angular.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sigsearch.synthesis.glyphs import BoolArray, FloatArray
from sigsearch.synthesis.plan import Plan

TIME_STEP = 0.006  # seconds between samples of the trajectory
_END = 2.33  # standard deviations of the lognormal that a stroke is given


@dataclass(frozen=True, slots=True)
class Movement:
    """`xy` (t, 2) in x-heights, `down` (t,) whether the pen touches, `speed` (t,)."""

    xy: FloatArray
    down: BoolArray
    speed: FloatArray


def bends(plan: Plan, sweep: float) -> FloatArray:
    """How far each stroke turns, in radians (n - 1,), for a smooth path through the targets.

    `sweep` says who takes the turn at a target: the longer (1) or the shorter stroke (-1).
    """
    chord = np.diff(plan.points, axis=0)
    angle = np.arctan2(chord[:, 1], chord[:, 0])
    length = np.hypot(chord[:, 0], chord[:, 1]) + 1e-6
    air = plan.lift[1:]
    turn = _wrap(np.diff(angle))
    share = 1 / (1 + (length[1:] / length[:-1]) ** sweep)
    smooth = ~(plan.corner[1:-1] | air[:-1] | air[1:])
    before = np.where(smooth, turn * share, np.nan)
    after = np.where(smooth, turn * (1 - share), np.nan)
    end = np.append(before, np.nan)
    start = np.insert(after, 0, np.nan)
    # At a free end the stroke is an arc of a circle: it turns as much as at its other end.
    bend = np.where(np.isnan(start), end, start) + np.where(np.isnan(end), start, end)
    return np.asarray(np.clip(np.nan_to_num(bend), -3.6, 3.6))


def move(
    plan: Plan,
    bend: FloatArray,
    duration: FloatArray,
    overlap: FloatArray,
    sigma: FloatArray,
) -> Movement:
    """Run a plan of n targets: bend (radians), duration (s), overlap and sigma are (n - 1,)."""
    chord = np.diff(plan.points, axis=0)
    air = plan.lift[1:]
    bend = np.where(air, 0.0, bend)
    free = air | np.insert(air[:-1], 0, True)
    step = duration[:-1] * (1 - np.where(free[1:], 0.0, overlap[1:]))
    onset = np.insert(np.cumsum(step), 0, 0.0)
    first = np.ceil(onset / TIME_STEP).astype(np.int64)
    width = int(np.ceil(duration.max() / TIME_STEP)) + 1
    late = (first * TIME_STEP - onset)[:, None] + np.arange(-1, width) * TIME_STEP
    progress = _lognormal(late / duration[:, None], sigma[:, None])
    share = np.diff(progress, axis=1)
    angle = np.arctan2(chord[:, 1], chord[:, 0])
    half = bend / 2
    arc = np.hypot(chord[:, 0], chord[:, 1]) / np.sinc(half / np.pi)
    middle = angle[:, None] + bend[:, None] * ((progress[:, 1:] + progress[:, :-1]) / 2 - 0.5)
    pace = arc[:, None] * share * np.sinc(bend[:, None] * share / (2 * np.pi))
    at = (first[:, None] + np.arange(width)).ravel()
    total = int(at.max()) + 1
    dx = np.bincount(at, (pace * np.cos(middle)).ravel(), total)
    dy = np.bincount(at, (pace * np.sin(middle)).ravel(), total)
    xy = plan.points[0] + np.stack([np.cumsum(dx), np.cumsum(dy)], axis=1)
    return Movement(xy, ~_in_air(onset, duration, air, total), np.hypot(dx, dy) / TIME_STEP)


def _in_air(onset: FloatArray, duration: FloatArray, air: BoolArray, total: int) -> BoolArray:
    begin = np.ceil(onset[air] / TIME_STEP).astype(np.int64)
    end = np.ceil((onset + duration)[air] / TIME_STEP).astype(np.int64)
    change = np.bincount(begin, minlength=total + 2) - np.bincount(end, minlength=total + 2)
    return np.cumsum(change)[:total] > 0


def _lognormal(time: FloatArray, sigma: FloatArray) -> FloatArray:
    """The share of a stroke that is done at `time` (1 = its end), exactly 0 before and 1 after."""
    z = np.log(np.clip(time, 1e-9, 1.0)) / sigma + _END
    return np.asarray(_normal_cdf(z) / _normal_cdf(np.float64(_END)))


def _normal_cdf(z: FloatArray | np.float64) -> FloatArray:
    """The normal distribution function to 2e-4, without an error function in numpy."""
    z = np.clip(z, -9.0, 9.0)
    return np.asarray(1 / (1 + np.exp(-(1.5976 * z + 0.07056 * z**3))))


def _wrap(angle: FloatArray) -> FloatArray:
    return np.asarray((angle + np.pi) % (2 * np.pi) - np.pi)
