"""The letters: targets of the pen, read from the text files in `plans/`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Glyph:
    """One letter: `points` (n, 2) in tenths of the x-height, y upwards.

    `lift[i]` means that the pen is in the air on the way to point i; `corner[i]` that it turns
    sharply there. `joins` tells whether the first part runs on into the next letter.
    """

    name: str
    points: FloatArray
    corner: BoolArray
    lift: BoolArray
    joins: bool

    def run_on(self, chance: float, rng: np.random.Generator) -> tuple[BoolArray, BoolArray]:
        """Corners and lifts when some lifts inside the letter are saved: sharp turns instead."""
        saved = self.lift & (rng.random(len(self.lift)) < chance)
        saved[0] = False
        return self.corner | saved | np.append(saved[1:], False), self.lift & ~saved

    @property
    def main(self) -> int:
        """How many points belong to the first part; the rest (dots, bars) may be delayed."""
        later = np.flatnonzero(self.lift[1:])
        return int(later[0]) + 1 if later.size else len(self.points)


def parse_glyph(line: str) -> Glyph:
    """Read one line of a plan file, such as `l 0,1 4,11 5.2,20! | 3,4 5,6 ~`."""
    name, *tokens = line.split()
    points, corner, lift, up = [], [], [], True
    for token in tokens:
        if token == "|":
            up = True
        elif token != "~":
            x, y = token.rstrip("!").split(",")
            points.append((float(x), float(y)))
            corner.append(token.endswith("!"))
            lift.append(up)
            up = False
    return Glyph(name, np.array(points), np.array(corner), np.array(lift), "~" in tokens)


def read_plan(name: str) -> list[str]:
    """The lines of a file in `plans/`, without comments and blank lines."""
    text = (files("sigsearch.synthesis") / "plans" / f"{name}.txt").read_text("utf-8")
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


@cache
def alphabet(script: str) -> dict[str, tuple[Glyph, ...]]:
    """The letters of a script, each with its allographs in the order of the file."""
    letters: dict[str, tuple[Glyph, ...]] = {}
    for glyph in map(parse_glyph, read_plan(script)):
        letters[glyph.name] = (*letters.get(glyph.name, ()), glyph)
    return letters


def placed(points: FloatArray, x: float, y: float = 0.0) -> FloatArray:
    """Points (n, 2) moved to where their letter stands."""
    return np.asarray(points + np.array((x, y)))
