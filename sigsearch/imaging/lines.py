"""A straight line across a page, followed pixel by pixel: whether it is print, and what is left of
the ink without it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sigsearch.imaging.ink import Ink
from sigsearch.imaging.shares import percentiles

Ints = NDArray[np.int64]

BLOCK = 8  # columns that are looked at together: one byte of packed bits
STEEPEST = 0.02  # rise over run: most pages are put on the scanner straighter
_THICKEST = 0.04  # of the page's shorter side
_UNEVEN = 0.8  # pixels: what the edges of a printed line stray by (robust standard deviation)
_LEAST_BARE = 0.35  # of a rule's columns where no stroke crosses it
_SLENDER = 50  # times as long as thick


@dataclass(frozen=True, slots=True)
class Line:
    """A straight line across the page: course, upper, lower (exclusive): rows in every column;
    first, last (exclusive): the columns between which it is surely inked."""

    course: Ints
    upper: Ints
    lower: Ints
    first: int
    last: int

    @property
    def aslant(self) -> bool:
        """Whether it slopes more than pages usually do: the headline of a script may as well."""
        return bool(abs(self.course[-1] - self.course[0]) > STEEPEST * len(self.course))

    @property
    def _thick(self) -> Ints:
        return self.lower - self.upper

    @property
    def _usual(self) -> float:
        """Its thickness, although strokes cross it in many places."""
        thick = self._thick[self.first : self.last]
        inked = thick[thick > 0]
        return percentiles(inked, 25)[0] if len(inked) else 0.0

    @property
    def alone(self) -> Ink:
        """Of the columns between its ends, where no stroke crosses it."""
        thick = self._thick[self.first : self.last]
        return (thick > 0) & (thick <= self._usual + 2)

    def printed(self, least: float) -> bool:
        """Whether it is long for its thickness, longer than `least`, and its edges are as straight
        as print, columns where strokes cross or touch it left out."""
        thick, upper = self._thick[self.first : self.last], self.upper[self.first : self.last]
        alone = self.alone
        if alone.mean() < _LEAST_BARE or len(thick) < max(_SLENDER * self._usual, least):
            return False
        columns = np.flatnonzero(alone)
        straight = np.polyval(np.polyfit(columns, upper[alone], 1), columns)
        strays = max(_spread(upper[alone] - straight), _spread(thick[alone].astype(float)))
        return strays <= _UNEVEN

    def spans(self, width: int) -> bool:
        """Whether it runs from one edge of the page to the other."""
        return self.first <= BLOCK and self.last >= width - 2 * BLOCK

    def erased(self, ink: Ink) -> Ink:
        """`ink` without the line where nothing but the line is there; to the page's edges, since
        a line's ends may be torn."""
        clean = ink.copy()
        plain = np.flatnonzero(self._thick <= self._usual + 2)
        for column in plain.tolist():
            clean[max(self.upper[column], 0) : self.lower[column], column] = False
        return clean

    def forget(self, blocks: Ink) -> None:
        """Leave the line out of further searches."""
        reach = int(self._usual) + 2
        for block, row in zip(range(blocks.shape[1]), self.course[::BLOCK].tolist(), strict=False):
            blocks[max(row - reach, 0) : max(row + reach + 1, 0), block] = False


def trace(ink: Ink, row: int, rise: float, first: int, last: int) -> Line:
    """The line that `find` gave, followed pixel by pixel."""
    columns = np.arange(ink.shape[1])
    course = np.rint(row + rise * (columns - first * BLOCK)).astype(np.int64)
    within = course.clip(0, ink.shape[0] - 1)
    reach = round(_THICKEST * min(ink.shape)) + 2
    line = Line(course, *_edges(ink, within, columns, reach), first * BLOCK, last * BLOCK)
    return _followed(ink, line, reach) if line.aslant else line


def _followed(ink: Ink, line: Line, reach: int) -> Line:
    """A steep line on its exact course, as far as it is inked."""
    columns = np.arange(ink.shape[1])
    alone = columns[line.first : line.last][line.alone]
    if len(alone) < 2:
        return line
    middle = (line.upper[alone] + line.lower[alone] - 1) / 2
    course = np.rint(np.polyval(np.polyfit(alone, middle, 1), columns)).astype(np.int64)
    upper, lower = _edges(ink, course.clip(0, ink.shape[0] - 1), columns, reach)
    bare = np.flatnonzero(upper == lower)
    first = bare[bare < line.first].max(initial=-1) + 1
    last = bare[bare >= line.last].min(initial=len(columns))
    return Line(course, upper, lower, int(first), int(last))


def _edges(ink: Ink, line: Ints, columns: Ints, reach: int) -> tuple[Ints, Ints]:
    """The rows where the ink that holds `line` begins and ends (exclusive) in each column, looked
    for within `reach`; both equal the line's row where there is no ink."""
    height = ink.shape[0]
    rows = (line[:, None] + np.arange(-reach, reach + 1)).clip(0, height - 1)
    window = ink[rows, columns[:, None]]
    # The line may have strayed by a pixel: start from whichever of three rows is inked.
    start = np.full(len(line), reach)
    for shift in (1, -1, 0):
        start = np.where(window[:, reach + shift], reach + shift, start)
    place = np.arange(window.shape[1])
    bare = ~window
    above = np.where(bare & (place < start[:, None]), place, -1).max(axis=1) + 1
    below = np.where(bare & (place > start[:, None]), place, 2 * reach + 1).min(axis=1)
    inked = window[np.arange(len(line)), start]
    upper = np.where(inked, above - reach + line, line)
    return upper, np.where(inked, below - reach + line, line)


def _spread(values: NDArray[np.float64]) -> float:
    low, high = percentiles(values, 5, 95)
    return (high - low) / 3.29
