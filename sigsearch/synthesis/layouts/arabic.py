"""Invented words in the manner of Arabic, from right to left."""

from __future__ import annotations

import numpy as np

from sigsearch.synthesis.glyphs import FloatArray, Glyph, alphabet, placed
from sigsearch.synthesis.hand import Hand, shape_letter
from sigsearch.synthesis.layouts.design import Design
from sigsearch.synthesis.plan import PlanBuilder


def lay_out_arabic(
    design: Design, hand: Hand, builder: PlanBuilder, rng: np.random.Generator
) -> None:
    """Words of joined groups on a baseline that may step down from right to left."""
    x, y, count = 0.0, 0.0, 0
    step = float(rng.uniform(-3, 3))
    for word in design.words:
        delayed: list[tuple[FloatArray, Glyph, int]] = []
        joined = False
        for place, name in enumerate(word):
            glyph = alphabet("arabic")[name][0]
            shape = shape_letter(hand, f"{name} {place % 2}", glyph.points)
            points = placed(shape * (hand.width, hand.ascender**0.5), x, y)
            main = glyph.main
            used = np.arange(1 if joined else 0, main)
            lift = np.zeros(len(used), bool)
            lift[0] = not joined
            builder.add(points[used], glyph.corner[used], lift, letter=count)
            if main < len(points):
                delayed.append((points[main:], glyph, count))
            joined = glyph.joins
            gap = 0.0 if joined else 1.0 + hand.spacing / 2
            x += float(glyph.points[main - 1, 0]) * hand.width - gap
            count += 1
        for rest, glyph, letter in delayed:
            builder.add(rest, glyph.corner[glyph.main :], glyph.lift[glyph.main :], letter=letter)
        x -= 4 * hand.word_gap
        y += step
