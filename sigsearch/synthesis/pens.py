"""Pens: how pressure, speed and direction become width and density of ink."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sigsearch.synthesis.glyphs import FloatArray

PEN_KINDS = ("ballpoint", "gel", "fountain", "felt")


@dataclass(frozen=True, slots=True)
class Pen:
    """`width` in millimetres at full pressure; the rest are shares between 0 and 1."""

    kind: str
    width: float
    width_swing: float  # how much of the width goes with the pressure
    nib: float  # how much narrower a stroke along the nib is
    nib_angle: float  # radians
    density: float
    density_swing: float
    skips: float  # expected gaps in 100 mm of ink
    blobs: float  # expected blobs in 100 mm of ink


def draw_pen(rng: np.random.Generator) -> Pen:
    """A pen from the mug on the desk: a ballpoint in half of the cases."""
    kind = str(rng.choice(PEN_KINDS, p=(0.52, 0.26, 0.13, 0.09)))
    spread = float(np.exp(rng.normal(0, 0.16)))
    angle = float(rng.uniform(0.4, 1.1))
    if kind == "ballpoint":
        swing = float(rng.uniform(0.2, 0.5))
        return Pen(kind, 0.3 * spread, swing, 0.0, angle, 0.92, 0.4, 0.5, 0.6)
    if kind == "gel":
        return Pen(kind, 0.38 * spread, 0.2, 0.0, angle, 1.0, 0.08, 0.15, 0.3)
    if kind == "fountain":
        return Pen(
            kind, 0.48 * spread, 0.45, float(rng.uniform(0.1, 0.6)), angle, 1.0, 0.25, 0.1, 0.5
        )
    return Pen(kind, 0.6 * spread, 0.25, 0.1, angle, 1.0, 0.05, 0.0, 0.2)


def ink_flow(
    pen: Pen, xy: FloatArray, pressure: FloatArray, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """Width in millimetres and density 0..1 along a path `xy` (t, 2) in millimetres."""
    step = np.diff(xy, axis=0, append=xy[-1:])
    direction = np.arctan2(step[:, 1], step[:, 0])
    across = np.abs(np.sin(direction - pen.nib_angle))
    width = pen.width * (1 - pen.width_swing * (1 - pressure)) * (1 - pen.nib * (1 - across))
    density = pen.density * (1 - pen.density_swing * (1 - pressure))
    length = float(np.hypot(step[:, 0], step[:, 1]).sum())
    for _ in range(rng.poisson(min(pen.skips * length / 100, 4.0))):
        begin = int(rng.integers(len(xy)))
        density[begin : begin + int(rng.integers(2, 7))] *= 0.15
    for _ in range(rng.poisson(min(pen.blobs * length / 100, 4.0))):
        at = int(rng.integers(len(xy)))
        width[at : at + 3] *= rng.uniform(1.2, 1.6)
    return width, density
