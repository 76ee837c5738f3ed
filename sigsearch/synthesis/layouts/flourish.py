"""Paraphs: underlines, swooshes, lassos and loops that many signatures end with."""

from __future__ import annotations

import numpy as np

from sigsearch.synthesis.glyphs import placed
from sigsearch.synthesis.hand import Hand
from sigsearch.synthesis.plan import PlanBuilder

# Targets on the box of the name: x from 0 (left) to 1 (right), y from 0 (bottom) to 1 (top).
_FORMS: dict[str, tuple[tuple[float, float], ...]] = {
    "underline": ((-0.02, -0.12), (0.5, -0.14), (1.04, -0.02)),
    "back": ((1.02, -0.05), (0.5, -0.12), (0.02, -0.2)),
    "zigzag": ((1.0, -0.1), (0.1, -0.22), (0.95, -0.28), (0.25, -0.42), (0.8, -0.42)),
    "swoosh": ((1.12, 0.35), (1.3, 0.55), (1.55, 0.6)),
    "drop": ((1.1, 0.3), (1.12, -0.5), (0.95, -0.9), (0.85, -0.5), (1.4, 0.1)),
    "lasso": (
        (1.1, 0.6),
        (0.7, 1.25),
        (0.1, 1.0),
        (-0.1, 0.2),
        (0.4, -0.3),
        (1.0, -0.1),
        (1.2, 0.5),
    ),
    "strike": ((1.15, 0.45), (0.9, 0.7), (0.4, 0.45), (-0.1, 0.4)),
    "eight": (
        (0.9, -0.2),
        (0.2, -0.45),
        (0.1, -0.15),
        (0.5, -0.25),
        (0.9, -0.5),
        (1.0, -0.2),
        (0.3, -0.3),
    ),
    "hook": ((1.15, 0.1), (1.25, -0.3), (0.7, -0.35), (0.3, -0.25)),
    "rings": (
        (1.2, 0.6),
        (1.05, 0.9),
        (0.95, 0.4),
        (1.2, 0.1),
        (1.35, 0.6),
        (1.15, 0.8),
        (1.2, 0.2),
        (1.6, 0.3),
    ),
}
_RUNS_ON = {"swoosh", "drop", "lasso", "strike", "hook", "rings"}


def add_flourish(hand: Hand, builder: PlanBuilder, rng: np.random.Generator) -> None:
    """Append a paraph in the size and shape of this hand; it varies more than letters do."""
    name = str(rng.choice(list(_FORMS)))
    left, bottom, right, top = builder.box()
    height = max(top - bottom, 12.0)
    habits = np.random.default_rng((hand.seed, 16))
    form = np.array(_FORMS[name])
    form = form + habits.normal(0, 0.06, form.shape) + rng.normal(0, 0.04, form.shape)
    centre = np.array([0.5, 0.3])
    form = centre + (form - centre) * (1.0, hand.paraph)
    points = placed(form * (right - left, height), left, bottom)
    lift = np.zeros(len(points), bool)
    lift[0] = not (name in _RUNS_ON and rng.random() < 0.8)
    corner = np.zeros(len(points), bool)
    if name == "zigzag":
        corner[1:-1] = rng.random() < 0.6
    letter = builder.letter[-1] + 1
    builder.add(points, corner, lift, letter=letter, flex=1.8)
    if rng.random() < 0.15:  # two dots or dashes beside or below the line
        x = left + (right - left) * rng.uniform(0.3, 0.8)
        y = bottom - height * 0.22
        for shift in (0.0, 4.0):
            dash = np.array([(x + shift, y), (x + shift + 1.2, y + 0.4)])
            builder.add(dash, letter=letter, flex=1.5)
