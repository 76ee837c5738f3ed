"""Initials and a run of illegible strokes: the signature of many who sign often."""

from __future__ import annotations

import numpy as np

from sigsearch.synthesis.glyphs import placed
from sigsearch.synthesis.hand import Hand, shape_letter
from sigsearch.synthesis.layouts.design import Design
from sigsearch.synthesis.layouts.latin import allograph, scaled_letter
from sigsearch.synthesis.plan import PlanBuilder

# Targets on a unit square, entering at the left and leaving at the right.
_STROKES: dict[str, tuple[tuple[float, float], ...]] = {
    "hump": ((0.2, 0.8), (0.5, 1.0), (0.8, 0.5), (1.0, 0.0)),
    "cup": ((0.15, 0.2), (0.5, -0.1), (0.85, 0.5), (1.0, 1.0)),
    "loop": ((0.7, 0.9), (0.5, 1.5), (0.2, 1.0), (0.4, 0.1), (1.0, 0.1)),
    "tail": ((0.5, 0.4), (0.6, -0.8), (0.3, -1.4), (0.0, -0.9), (1.0, 0.2)),
    "spike": ((0.5, 1.2), (1.0, 0.0)),
    "wave": ((0.25, 0.3), (0.5, 0.0), (0.75, 0.25), (1.0, 0.05)),
    "ring": ((0.8, 0.9), (0.4, 1.0), (0.1, 0.4), (0.5, 0.0), (0.9, 0.5), (0.7, 0.9), (1.2, 0.7)),
    "fall": ((0.3, 1.6), (0.35, 0.4), (0.2, -0.6), (1.0, 0.3)),
}


def lay_out_scribble(
    design: Design, hand: Hand, builder: PlanBuilder, rng: np.random.Generator
) -> None:
    """Capitals, then strokes of widely differing height and width in one run."""
    x, begun = 0.0, False
    fading = rng.uniform(0.75, 1.05)
    tall = rng.uniform(0.8, 2.0)
    joined = False
    for place, name in enumerate(design.words[0]):
        if name in _STROKES:
            height = 10 * tall * rng.uniform(0.4, 1.4) * fading**place
            width = rng.uniform(4, 13) * hand.width
            unit = np.array(_STROKES[name])
            points = placed(shape_letter(hand, f"{name} {place}", unit * (width, height)), x)
            corner = np.zeros(len(points), bool)
            corner[0] = name == "spike"
            lift = np.zeros(len(points), bool)
            lift[0] = not (begun or joined)
            builder.add(points, corner, lift, letter=place, flex=1.2)
            begun = True
            x += width * unit[:, 0].max()
        else:
            glyph = allograph("latin", name, design.seed)
            points = placed(scaled_letter(glyph, f"{name} {place}", hand) * 1.25, x)
            builder.add(points, glyph.corner, glyph.lift, letter=place)
            joined = glyph.joins and glyph.main == len(points)
            x += float(glyph.points[:, 0].max()) * hand.width * hand.capital * rng.uniform(0.7, 1.4)
