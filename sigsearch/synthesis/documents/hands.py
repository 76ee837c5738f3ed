"""What hands write on documents: signatures, initials, and notes that sign nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

import numpy as np

from sigsearch.synthesis.execution import execute
from sigsearch.synthesis.hand import draw_hand
from sigsearch.synthesis.layouts.design import Design
from sigsearch.synthesis.layouts.dispatch import lay_out
from sigsearch.synthesis.pens import draw_pen
from sigsearch.synthesis.raster import GreyImage
from sigsearch.synthesis.writer import Writer

Signer = Callable[[np.random.Generator, int], GreyImage]
"""Ink of a signature (0 = none, 255 = full) at so many dpi, of somebody the generator chooses."""

_SPECIMENS = 1000  # of one writer
_HANDS = 400  # that write notes


def invented_signature(rng: np.random.Generator, dpi: int) -> GreyImage:
    """A genuine signature of a writer who is invented for it."""
    writer = Writer.from_seed(int(rng.integers(2**40)))
    return tight(writer.specimen(int(rng.integers(_SPECIMENS)), dpi).ink)


def initials(rng: np.random.Generator, dpi: int) -> GreyImage:
    """One to three capitals, mostly run together."""
    letters = rng.choice(list("ABCDEFGHJKLMNPRSTVWZ"), int(rng.choice([1, 2, 2, 2, 3])))
    hand = draw_hand(int(rng.integers(2**62)), rng, "latin")
    hand = replace(hand, word_gap=0.3, height=hand.height * 0.9)
    design = Design("latin", (tuple(str(v) for v in letters),), int(rng.integers(2**62)))
    ink, _ = execute(lay_out(design, hand), hand, draw_pen(rng), rng, dpi)
    return tight(ink)


def note(rng: np.random.Generator, words: str, dpi: int, hand: int | None = None) -> GreyImage:
    """Words or digits as people fill in forms and write in margins: no flourish, and level.

    `hand` is the number of the person, chosen at random when it is not given.
    """
    who = int(rng.integers(_HANDS)) if hand is None else hand % _HANDS
    return _note(who, words, int(rng.integers(8)), dpi)


@lru_cache(512)
def _note(who: int, words: str, turn: int, dpi: int) -> GreyImage:
    rng = np.random.default_rng((81, who))
    hand = draw_hand(int(rng.integers(2**62)), rng, "latin")
    hand = replace(
        hand,
        slope=hand.slope * 0.15,
        taper=0.0,
        arch=0.0,
        height=hand.height * 0.72,
        slant=hand.slant * 0.6,
        word_gap=0.7,
        capital=min(hand.capital, 1.2),
    )
    pen = draw_pen(rng)
    known = tuple(tuple(part) for part in _writable(words).split())
    design = Design("latin", known or (("A",),), int(rng.integers(2**62)))
    plan = lay_out(design, hand, flourish=False)
    ink, _ = execute(plan, hand, pen, np.random.default_rng((82, who, turn)), dpi)
    return tight(ink)


def _writable(words: str) -> str:
    kept = "".join(c if c.isascii() and (c.isalnum() or c in "./- ") else "" for c in words)
    return kept[:44]


def tight(ink: GreyImage) -> GreyImage:
    """Cropped to the box of what is visible of it."""
    rows, columns = np.flatnonzero((ink > 60).any(1)), np.flatnonzero((ink > 60).any(0))
    if not rows.size:
        return ink
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
