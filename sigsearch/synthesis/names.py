"""Invented names. None is looked up anywhere: they are chains of syllables."""

from __future__ import annotations

from functools import cache

import numpy as np

from sigsearch.synthesis.glyphs import read_plan


@cache
def _syllables() -> dict[str, list[str]]:
    rows = (line.split() for line in read_plan("syllables"))
    return {kind: parts for kind, *parts in rows}


def invent_name(rng: np.random.Generator, longest: int = 3) -> str:
    """One capitalised word of one to `longest` syllables and an ending."""
    parts = _syllables()
    middle = "".join(str(rng.choice(parts["middle"])) for _ in range(rng.integers(0, longest)))
    return f"{rng.choice(parts['start'])}{middle}{rng.choice(parts['end'])}"


def invent_signature(rng: np.random.Generator) -> tuple[str, ...]:
    """The words that a Latin signature is made of, from initials to two full names."""
    given, family = invent_name(rng, 2), invent_name(rng)
    middle = f"{rng.choice(list('ABCDEFGHJKLMNPRSTVW'))}."
    forms = (
        (given, family),
        (f"{given[0]}.", family),
        (f"{given[0]}.", middle, family),
        (given, middle, family),
        (family,),
        (given,),
        (given[0] + family[0],),
        (given[0] + family,),
    )
    weights = (0.26, 0.17, 0.1, 0.08, 0.12, 0.1, 0.07, 0.1)
    return forms[int(rng.choice(len(forms), p=weights))]
