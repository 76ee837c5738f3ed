"""Invented characters in the manner of Chinese, in regular or running script."""

from __future__ import annotations

import numpy as np

from sigsearch.synthesis.glyphs import alphabet, placed
from sigsearch.synthesis.hand import Hand, shape_letter
from sigsearch.synthesis.layouts.design import Design
from sigsearch.synthesis.plan import PlanBuilder

_SIZE = 24.0  # side of a character, tenths of an x-height
# Where the parts of a character stand: left, bottom, width, height on a unit square.
_PLACES = {
    "beside": ((0.0, 0.02, 0.4, 0.96), (0.44, 0.0, 0.56, 1.0)),
    "above": ((0.05, 0.55, 0.9, 0.45), (0.0, 0.0, 1.0, 0.5)),
    "corner": ((0.0, 0.0, 0.36, 1.0), (0.4, 0.52, 0.6, 0.48), (0.4, 0.0, 0.6, 0.47)),
}
_WHOLE = ((0.03, 0.03, 0.94, 0.94),)


def lay_out_cjk(design: Design, hand: Hand, builder: PlanBuilder, rng: np.random.Generator) -> None:
    """One to three characters in a row; running hands do not lift between some strokes."""
    running = float(rng.choice([0.0, 0.15, 0.35, 0.6], p=[0.35, 0.25, 0.25, 0.15]))
    rise = np.random.default_rng((hand.seed, 15)).uniform(-0.02, 0.16)
    x = 0.0
    for place, character in enumerate(design.words):
        places = _PLACES.get(character[-1], _WHOLE)
        size = _SIZE * rng.uniform(0.85, 1.15)
        for name, (left, bottom, width, height) in zip(character, places, strict=False):
            glyph = alphabet("cjk")[name][0]
            narrow = name.startswith("side_")
            top = name.startswith("top_")
            unit = (glyph.points - (0, 5 if top else 0)) / (5 if narrow else 10, 5 if top else 10)
            square = (unit * (width, height) + (left, bottom)) * size
            points = shape_letter(hand, f"{name} {place}", square)
            points = points * (hand.width, 1.0)
            points[:, 1] += rise * points[:, 0]
            builder.add(placed(points, x), *glyph.run_on(running, rng), letter=place)
        x += size * hand.width + 2.0 + hand.spacing
