"""Latin names: joined or printed letters, with tails that may fade into a wave."""

from __future__ import annotations

from zlib import crc32

import numpy as np

from sigsearch.synthesis.glyphs import FloatArray, Glyph, alphabet, placed
from sigsearch.synthesis.hand import Hand, shape_letter
from sigsearch.synthesis.layouts.design import Design
from sigsearch.synthesis.plan import PlanBuilder


def allograph(script: str, name: str, seed: int) -> Glyph:
    """The form of a letter that this design uses throughout."""
    forms = alphabet(script)[name]
    return forms[crc32(f"{name} {seed}".encode()) % len(forms)]


def scaled_letter(glyph: Glyph, key: str, hand: Hand) -> FloatArray:
    """A Latin letter in this hand's shape and proportions, tenths of the x-height."""
    points = shape_letter(hand, key, glyph.points)
    y = points[:, 1]
    if glyph.name.isupper():
        return points * (hand.capital * hand.width**0.6, hand.capital)
    y = np.where(y > 10, 10 + (y - 10) * hand.ascender, y)
    y = np.where(y < 0, y * hand.descender, y)
    return np.stack([points[:, 0] * hand.width, y], axis=1)


def lay_out_latin(
    design: Design, hand: Hand, builder: PlanBuilder, rng: np.random.Generator
) -> None:
    """Words in a row, or the last word below the others."""
    join = float(rng.choice([1.0, 0.9, 0.55, 0.0], p=[0.45, 0.28, 0.17, 0.1]))
    fades = float(rng.choice([9.0, 0.55, 0.25], p=[0.5, 0.25, 0.25]))
    entry = bool(rng.random() < 0.3)
    stacked = len(design.words) > 1 and rng.random() < 0.08
    x, y, count = 0.0, 0.0, 0
    for number, word in enumerate(design.words):
        if stacked and number == len(design.words) - 1:
            x, y = 4.0 + 3 * hand.taper, -22.0
        x = _add_word(word, (x, y), count, (join, fades, entry), design, hand, builder, rng)
        x += hand.word_gap * 10
        count += len(word)


def _add_word(
    word: tuple[str, ...],
    origin: tuple[float, float],
    count: int,
    style: tuple[float, float, bool],
    design: Design,
    hand: Hand,
    builder: PlanBuilder,
    rng: np.random.Generator,
) -> float:
    join, fades, entry = style
    x, y = origin
    delayed: list[tuple[FloatArray, Glyph, int]] = []
    joined = False
    for place, name in enumerate(word):
        glyph = allograph("latin", name, design.seed)
        points = placed(scaled_letter(glyph, f"{name} {place % 3}", hand), x, y)
        upstroke = name.islower() and tuple(glyph.points[0]) == (0.0, 1.0)
        main, letter = glyph.main, count + place
        drop = 1 if upstroke and (joined or not entry or place) else 0
        used = np.arange(drop, main)
        if place > fades * len(word) and name.islower() and len(used) > 3:
            used = used[:: 2 if len(used) % 2 else 3]  # a fading letter keeps only some targets
        lift = np.zeros(len(used), bool)
        lift[0] = not (joined and upstroke)
        builder.add(points[used], glyph.corner[used], lift, letter=letter)
        if main < len(points) and place <= fades * len(word):
            delayed.append((points[main:], glyph, letter))
        joined = glyph.joins and rng.random() < join
        reach = glyph.points[:main, 0].max() * hand.width + hand.spacing
        x += reach * (hand.capital if name.isupper() else 1.0) + (0.0 if joined else 2.0)
    for rest, glyph, letter in delayed:  # dots and bars come when the word is done
        builder.add(rest, glyph.corner[glyph.main :], glyph.lift[glyph.main :], letter=letter)
    return float(x)
