"""A hand: the lasting motor habits of one person, all of them continuous.

Two hands over the same design give plans that match target by target, so a forger's hand can be
blended with his model's: what he catches is weighed against what his own habits put in its place.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from zlib import crc32

import numpy as np

from sigsearch.synthesis.glyphs import FloatArray


@dataclass(frozen=True, slots=True)
class Hand:
    """Habits of one writer; lengths are in x-heights unless said otherwise."""

    seed: int
    slant: float  # degrees, positive leans to the right
    height: float  # x-height in millimetres
    width: float  # letters, 1 = as drawn in the plans
    ascender: float
    descender: float
    capital: float
    spacing: float  # between letters, tenths of the x-height
    word_gap: float
    slope: float  # of the baseline, degrees
    arch: float  # bow of the baseline
    taper: float  # size of the last letters relative to the first, minus one
    roundness: float  # factor on every bend
    sweep: float  # 1 = long strokes take the curve, -1 = short ones do and long ones are straight
    lean: float  # bend added to every stroke, radians
    overlap: float  # share of a stroke during which the next has begun
    sigma: float  # spread of the lognormal velocity
    tempo: float  # seconds of a stroke of one x-height
    pressure: float
    pressure_swing: float
    shape_noise: float  # how far the letters stray from the copybook, tenths of the x-height
    paraph: float  # size of flourishes
    restlessness: float  # factor on the variation between specimens
    drift: float  # degrees and per cent by which sessions differ

    def blend(self, other: Hand, weight: float) -> Hand:
        """This hand with `weight` of the other in every continuous habit (0 = self)."""
        values = {
            f.name: (1 - weight) * getattr(self, f.name) + weight * getattr(other, f.name)
            for f in fields(self)
            if f.name != "seed"
        }
        return Hand(seed=self.seed, **values)


# Writers of headline scripts keep closer to their own form than writers of Latin cursive do.
_RESTLESS = {"devanagari": 0.65, "bengali": 0.65}


def draw_hand(seed: int, rng: np.random.Generator, script: str) -> Hand:
    """A hand drawn at random for a script; the ranges are those of adult signatures on paper."""

    def normal(mean: float, spread: float, low: float, high: float) -> float:
        return float(np.clip(rng.normal(mean, spread), low, high))

    def factor(spread: float, limit: float = 2.2) -> float:
        return float(np.exp(np.clip(rng.normal(0, spread), -np.log(limit), np.log(limit))))

    return Hand(
        seed=seed,
        slant=normal(17, 17, -28, 58),
        height=3.4 * factor(0.28),
        width=0.88 * factor(0.3),
        ascender=factor(0.3),
        descender=factor(0.3),
        capital=1.1 * factor(0.3),
        spacing=normal(0.2, 1.7, -2.5, 6),
        word_gap=0.8 * factor(0.5),
        slope=float(np.clip(3 + 5 * rng.standard_t(2.5), -20, 46)),
        arch=normal(0, 0.25, -0.8, 0.8),
        taper=normal(-0.08, 0.2, -0.5, 0.4),
        roundness=0.86 * factor(0.25),
        sweep=normal(-0.3, 0.5, -1.2, 0.9),
        lean=normal(0, 0.12, -0.35, 0.35),
        overlap=normal(0.26, 0.1, 0.05, 0.48),
        sigma=normal(0.33, 0.06, 0.2, 0.5),
        tempo=0.1 * factor(0.3),
        pressure=normal(0.62, 0.12, 0.35, 0.9),
        pressure_swing=normal(0.3, 0.12, 0.05, 0.6),
        shape_noise=0.8 * factor(0.35),
        paraph=factor(0.3),
        restlessness=1.35 * _RESTLESS.get(script, 1.0) * factor(0.38),
        drift=_RESTLESS.get(script, 1.0) * factor(0.4),
    )


def shape_letter(hand: Hand, key: str, points: FloatArray) -> FloatArray:
    """The letter `key` as this hand writes it: (n, 2) tenths of the x-height.

    A smooth distortion (an affine map and two slow waves) and an offset of each target, always the
    same for a letter of a hand: habits, not noise.
    """
    rng = np.random.default_rng((hand.seed, crc32(key.encode())))
    amount = hand.shape_noise
    affine = np.eye(2) + rng.normal(0, 0.1, (2, 2)) * amount
    affine[1, 0] *= 0.4  # writers keep to the line
    wave = rng.normal(0, 0.55, (2, 2)) * amount
    frequency = rng.uniform(0.15, 0.4, (2, 2))
    phase = rng.uniform(0, 2 * np.pi, 2)
    slow = np.sin(points @ frequency + phase) @ wave
    return points @ affine.T + slow + rng.normal(0, 0.42, points.shape) * amount
