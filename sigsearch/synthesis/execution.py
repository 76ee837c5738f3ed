"""Writing: a plan in a hand with a pen becomes a specimen's ink and trajectory."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sigsearch.synthesis.glyphs import BoolArray, FloatArray
from sigsearch.synthesis.hand import Hand
from sigsearch.synthesis.motor import TIME_STEP, Movement, bends, move
from sigsearch.synthesis.pens import Pen, ink_flow
from sigsearch.synthesis.plan import Plan
from sigsearch.synthesis.raster import GreyImage, draw_ink

_MM_PER_INCH = 25.4
_WIDEST = 125.0  # millimetres; larger writing is scaled to fit

_FATTEST = 0.16  # x-heights; nobody writes small with a broad pen


@dataclass(frozen=True, slots=True)
class Manner:
    """How freely a signature is written; the default is one's own name in passing."""

    slowness: float = 1.0  # factor on the time of each stroke
    tremor: float = 0.0  # millimetres
    evenness: float = 0.0  # 1 = pressure does not change
    hesitation: float = 0.0  # share of the overlap that is lost


FLUENT = Manner()


def execute(
    plan: Plan, hand: Hand, pen: Pen, rng: np.random.Generator, dpi: int, manner: Manner = FLUENT
) -> tuple[GreyImage, NDArray[np.float32]]:
    """Ink (h, w) uint8 and trajectory (t, 4) of one performance at `dpi`."""
    movement = _perform(plan, hand, rng, manner)
    size = min(hand.height, _WIDEST / max(float(np.ptp(movement.xy[:, 0])), 1e-6))
    xy = movement.xy * (size, -size)
    if manner.tremor:
        xy = xy + _tremor(len(xy), manner.tremor, rng)
    pressure = _pressure(movement, hand, manner, rng)
    width, density = ink_flow(pen, xy, pressure, rng)
    width = np.minimum(width, _FATTEST * size)
    scale = dpi / _MM_PER_INCH
    ink, path = draw_ink(xy * scale, movement.down, width * scale, density)
    time = np.arange(len(xy)) * TIME_STEP
    touch = np.where(movement.down, pressure, 0.0)
    return ink, np.column_stack([path, time, touch]).astype(np.float32)


def _perform(plan: Plan, hand: Hand, rng: np.random.Generator, manner: Manner) -> Movement:
    length = np.hypot(*np.diff(plan.points, axis=0).T)
    n = len(length)
    luck = rng.normal(0, 1, (4, n))
    steady = hand.restlessness
    duration = hand.tempo * (0.35 + 0.65 * length**0.45) * np.exp(0.1 * steady * luck[0])
    overlap = hand.overlap * (1 - manner.hesitation) + 0.035 * steady * luck[1]
    overlap = overlap + 0.22 * np.minimum(plan.flex[1:] - 1, 1)  # a paraph is one sweep
    overlap = np.where(plan.corner[:-1], 0.6, 1.0) * np.clip(overlap, 0.0, 0.5)
    sigma = np.clip(hand.sigma * np.exp(0.08 * luck[2]), 0.15, 0.6)
    bend = bends(plan, hand.sweep)
    lean = hand.lean * np.minimum(length, 2.0) + 0.05 * steady * luck[3]
    return move(plan, bend * hand.roundness + lean, duration * manner.slowness, overlap, sigma)


def _pressure(
    movement: Movement, hand: Hand, manner: Manner, rng: np.random.Generator
) -> FloatArray:
    """Heavier when slow and downwards, lighter at the ends of a run, with slow waves."""
    n = len(movement.speed)
    swing = hand.pressure_swing * (1 - manner.evenness)
    pace = movement.speed / (float(np.median(movement.speed[movement.down])) + 1e-6)
    fall = -np.gradient(movement.xy[:, 1]) / (movement.speed * TIME_STEP + 1e-6)
    knots = rng.normal(0, 1, n // 60 + 3)
    slow = np.interp(np.arange(n), np.arange(len(knots)) * 60.0, knots)
    raw = hand.pressure + swing * (0.35 * (1 - np.tanh(pace - 1)) - 0.25 + 0.3 * fall + 0.22 * slow)
    return _smooth(np.clip(raw, 0.12, 1.0) * _taper(movement.down, manner))


def _taper(down: BoolArray, manner: Manner) -> FloatArray:
    """Pressure builds up and fades over a few samples at the ends of a run."""
    near = np.convolve(down, np.ones(9) / 9, mode="same")
    return np.asarray(np.clip(0.35 + 0.75 * near, 0, 1) * (1 - manner.evenness) + manner.evenness)


def _smooth(values: FloatArray) -> FloatArray:
    return np.convolve(np.pad(values, 3, mode="edge"), np.ones(7) / 7, mode="valid")


def _tremor(count: int, size: float, rng: np.random.Generator) -> FloatArray:
    """Shaking of about 8 to 12 hertz that comes and goes, (t, 2) millimetres."""
    noise = rng.normal(0, 1, (count + 24, 2))
    fast = np.stack([np.convolve(noise[:, i], _BAND, mode="valid") for i in (0, 1)], axis=1)
    knots = rng.uniform(0.2, 1.0, count // 80 + 3)
    amount = np.interp(np.arange(count), np.arange(len(knots)) * 80.0, knots)
    return np.asarray(fast[:count] * (size * amount)[:, None])


_BAND = np.cos(2 * np.pi * 10 * TIME_STEP * np.arange(-12, 13)) * np.hanning(25)
_BAND = _BAND / np.sqrt((_BAND**2).sum())
