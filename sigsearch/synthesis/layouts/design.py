"""A design: what is written, and every choice about it that is not a matter of degree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

import numpy as np

from sigsearch.schema import Script
from sigsearch.synthesis.glyphs import alphabet
from sigsearch.synthesis.names import invent_signature

SCRIPTS: tuple[Script, ...] = get_args(Script)
_WEIGHTS = (0.46, 0.16, 0.1, 0.1, 0.12, 0.06)


@dataclass(frozen=True, slots=True)
class Design:
    """A signature as its owner means it.

    `words` are letters (or parts of characters) by name; `seed` fixes allographs, joins, flourish.
    The same design under two hands has the same targets in the same order.
    """

    script: str
    words: tuple[tuple[str, ...], ...]
    seed: int


def draw_design(seed: int, rng: np.random.Generator, script: str | None = None) -> Design:
    """Invent a signature, in a script drawn at random unless one of SCRIPTS is named."""
    script = script or str(rng.choice(SCRIPTS, p=_WEIGHTS))
    if script not in SCRIPTS:
        raise ValueError(f"no script {script!r}; choose one of {', '.join(SCRIPTS)}")
    words = _WORDS[script](rng)
    return Design(script, words, seed)


Words = tuple[tuple[str, ...], ...]


def _latin(rng: np.random.Generator) -> Words:
    return tuple(tuple(word) for word in invent_signature(rng))


def _scribble(rng: np.random.Generator) -> Words:
    initials = [str(rng.choice(list("ABCDEFGHJKLMNPRSTVWZ"))) for _ in range(rng.integers(0, 3))]
    kinds = ("hump", "cup", "loop", "tail", "spike", "wave", "ring", "fall")
    strokes = [str(rng.choice(kinds)) for _ in range(rng.integers(2, 8))]
    return ((*initials, *strokes),)


def _hanging(script: str, rng: np.random.Generator) -> Words:
    letters = list(alphabet(script))
    marks = ("", "", "aa", "aa", "i", "ii", "e", "u", "dot", "o")

    def word() -> tuple[str, ...]:
        size = int(rng.integers(3, 6))
        return tuple(f"{rng.choice(letters)}+{rng.choice(marks)}" for _ in range(size))

    return tuple(word() for _ in range(int(rng.choice([1, 2, 2, 2, 2, 3]))))


def _cjk(rng: np.random.Generator) -> Words:
    names = list(alphabet("cjk"))
    sides = [n for n in names if n.startswith("side_")]
    tops = [n for n in names if n.startswith("top_")]
    cores = [n for n in names if "_" not in n]

    def character() -> tuple[str, ...]:
        kind = rng.random()
        if kind < 0.3:
            return (str(rng.choice(cores)),)
        if kind < 0.7:
            return (str(rng.choice([*sides, *cores])), str(rng.choice(cores)), "beside")
        if kind < 0.9:
            return (str(rng.choice([*tops, *cores])), str(rng.choice(cores)), "above")
        return (str(rng.choice(sides)), *rng.choice(cores, 2).tolist(), "corner")

    return tuple(character() for _ in range(int(rng.choice([1, 2, 2, 3, 3]))))


def _arabic(rng: np.random.Generator) -> Words:
    inner = [n for n in alphabet("arabic") if n.startswith("m_")]
    final = [n for n in alphabet("arabic") if n.startswith("f_")]

    def word() -> tuple[str, ...]:
        letters: list[str] = []
        for _ in range(int(rng.integers(1, 3))):
            letters += [str(rng.choice(inner)) for _ in range(rng.integers(0, 4))]
            letters.append(str(rng.choice(final)))
        return tuple(letters)

    return tuple(word() for _ in range(int(rng.choice([1, 2, 2, 3]))))


_WORDS = {
    "latin": _latin,
    "scribble": _scribble,
    "devanagari": lambda rng: _hanging("devanagari", rng),
    "bengali": lambda rng: _hanging("bengali", rng),
    "cjk": _cjk,
    "arabic": _arabic,
}
