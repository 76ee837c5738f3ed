"""Letters that hang from a headline, in the manner of Devanagari and Bengali."""

from __future__ import annotations

import numpy as np

from sigsearch.synthesis.glyphs import placed
from sigsearch.synthesis.hand import Hand, shape_letter
from sigsearch.synthesis.layouts.design import Design
from sigsearch.synthesis.layouts.latin import allograph
from sigsearch.synthesis.plan import PlanBuilder

HEADLINE = 14.0
_STEM = ((0.0, HEADLINE), (0.0, 7.0), (0.0, 0.0))
# Marks by name: targets relative to the right edge of the letter, and the width that they add.
_MARKS: dict[str, tuple[tuple[tuple[float, float], ...], float]] = {
    "aa": (_STEM, 3.5),
    "i": (((-13.0, 0.0), (-13.0, 13.0), (-10.0, 19.0), (-4.0, 19.0), (0.0, 14.0)), 0.0),
    "ii": (((-6.0, 16.0), (-4.0, 19.0), (0.0, 18.0), (1.0, 14.0), (1.0, 7.0), (1.0, 0.0)), 4.0),
    "e": (((-6.0, 20.0), (-3.0, 18.0), (-1.0, 14.0)), 0.0),
    "u": (((-2.0, 0.0), (-1.0, -3.0), (-5.0, -4.0), (-3.0, -6.5)), 0.0),
    "dot": (((-4.0, 18.0), (-3.4, 17.6)), 0.0),
    "o": (((-5.0, 20.0), (-1.0, 18.0), (1.0, 14.0), (1.0, 7.0), (1.0, 0.0)), 4.0),
}


def lay_out_hanging(
    design: Design, hand: Hand, builder: PlanBuilder, rng: np.random.Generator
) -> None:
    """Words of letters with marks; the headline is drawn after each word, or letter by letter."""
    x, count = 0.0, 0
    headline = str(rng.choice(["word", "letter", "none"], p=[0.62, 0.25, 0.13]))
    gap = float(rng.uniform(0.8, 2.4))
    run_on = float(rng.choice([0.0, 0.0, 0.3, 0.6]))
    for word in design.words:
        start = x
        for syllable in word:
            name, mark = syllable.split("+")
            x += 3.0 * hand.width if mark == "i" else 0.0
            x = _add_syllable(name, mark, x, count, run_on, design, hand, builder, rng)
            if headline == "letter":
                _add_headline(x - 11 * hand.width, x, count, hand, builder)
            x += gap + hand.spacing * 0.4
            count += 1
        if headline == "word":
            _add_headline(start - 1, x, count, hand, builder)
        x += 7 * hand.word_gap


def _add_syllable(
    name: str,
    mark: str,
    x: float,
    count: int,
    run_on: float,
    design: Design,
    hand: Hand,
    builder: PlanBuilder,
    rng: np.random.Generator,
) -> float:
    glyph = allograph(design.script, name, design.seed)
    points = placed(shape_letter(hand, name, glyph.points) * (hand.width, 1.0), x)
    builder.add(points, *glyph.run_on(run_on, rng), letter=count)
    x += float(glyph.points[:, 0].max()) * hand.width
    if mark:
        relative, advance = _MARKS[mark]
        x += advance * hand.width
        shape = shape_letter(hand, f"mark {mark}", np.array(relative)) * (hand.width, 1.0)
        builder.add(placed(shape, x), letter=count)
    return x


def _add_headline(left: float, right: float, count: int, hand: Hand, builder: PlanBuilder) -> None:
    middle = (left + right) / 2
    line = np.array([(left, HEADLINE), (middle, HEADLINE + 0.4), (right + 1, HEADLINE + 0.5)])
    rng = np.random.default_rng((hand.seed, 14))
    builder.add(line + rng.normal(0, 0.7, line.shape) * (2.0, 1.0), letter=count, flex=0.8)
