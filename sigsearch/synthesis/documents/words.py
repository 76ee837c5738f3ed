"""What is printed on invented documents: phrases of the trade, and sentences of invented words."""

from __future__ import annotations

from functools import cache

import numpy as np

from sigsearch.synthesis.glyphs import read_plan
from sigsearch.synthesis.names import invent_name


@cache
def phrases(kind: str) -> tuple[str, ...]:
    """All of a kind in `plans/phrases.txt`."""
    rows = (line.partition(" ") for line in read_plan("phrases"))
    return tuple(phrase for name, _, row in rows if name == kind for phrase in row.split("|"))


CLOSINGS, CAPTIONS, ROLES, LABELS, STAMPED, COMPANIES = (
    phrases(kind) for kind in ("closings", "captions", "roles", "labels", "stamped", "companies")
)


def name(rng: np.random.Generator) -> str:
    """Of a person."""
    middle = f" {rng.choice(list('ABCDEFGHJKLMNPRSTVW'))}." if rng.random() < 0.5 else ""
    return f"{invent_name(rng, 2)}{middle} {invent_name(rng)}"


def company(rng: np.random.Generator) -> str:
    kind = rng.choice(COMPANIES)
    return f"{invent_name(rng)} {kind}"


def number(rng: np.random.Generator, digits: int) -> str:
    return "".join(str(d) for d in rng.integers(0, 10, digits))


def date(rng: np.random.Generator) -> str:
    day, month = int(rng.integers(1, 29)), int(rng.integers(1, 13))
    year = int(rng.integers(1960, 2027))
    short = f"{day:02}-{month:02}-{year % 100:02}"
    return str(rng.choice([f"{day}/{month}/{year}", short, f"{day}.{month}.{year}"]))


def word(rng: np.random.Generator, script: str = "latin") -> str:
    if script == "latin" and rng.random() >= 0.6:
        return invent_name(rng).lower()
    known = phrases(script) or phrases("latin")
    return known[int(rng.integers(len(known)))]


def sentence(rng: np.random.Generator, script: str = "latin", words: int = 0) -> str:
    """So many words, or 6 to 22, with a capital and a full stop."""
    text = " ".join(word(rng, script) for _ in range(words or int(rng.integers(6, 23))))
    return text[:1].upper() + text[1:] + "."
