"""Tables of figures as text, and how figures are written in them.

A cell knows which part of it is the interval, a column whether a terminal has room for it, a row
what is special about it: nobody has to read that from the words.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

from sigsearch.evaluation.figures.estimate import Estimate

MISSING = "–"
NOT_BEATEN = "▲"
"""The mark of a figure that a trivial baseline equals or betters."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure, its interval, a mark, and what is said after them."""

    figure: str
    interval: str = ""
    mark: str = ""
    after: str = ""

    def __str__(self) -> str:
        return " ".join(filter(None, (self.figure, self.interval, self.mark, self.after)))

    @property
    def bare(self) -> str:
        """Without the interval."""
        return str(replace(self, interval=""))


@dataclass(frozen=True, slots=True)
class Column:
    """terminal: whether its cells are shown there whole, bare of their intervals, or not at all."""

    head: str
    terminal: Literal["whole", "bare", "absent"] = "whole"


@dataclass(frozen=True, slots=True)
class Row:
    """kind: a mean over several sets, or one whose figure a trivial baseline equals or betters."""

    cells: tuple[Cell, ...]
    kind: Literal["plain", "mean", "not_beaten"] = "plain"

    @classmethod
    def of(
        cls, *cells: Cell | str | int, kind: Literal["plain", "mean", "not_beaten"] = "plain"
    ) -> Row:
        return cls(tuple(c if isinstance(c, Cell) else Cell(str(c)) for c in cells), kind)


@dataclass(frozen=True, slots=True)
class FigureTable:
    title: str
    note: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class TextTable:
    """A table of plain text, for a terminal."""

    title: str
    note: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def brief(table: FigureTable) -> TextTable:
    """The table as a terminal has room for it."""
    shown = [(n, c) for n, c in enumerate(table.columns) if c.terminal != "absent"]
    rows = tuple(
        tuple(
            row.cells[n].bare if column.terminal == "bare" else str(row.cells[n])
            for n, column in shown
        )
        for row in table.rows
    )
    return TextTable(table.title, table.note, tuple(column.head for _, column in shown), rows)


def percent(value: float) -> str:
    """12.34 for 0.1234."""
    return MISSING if math.isnan(value) else f"{100 * value:.2f}"


def rate(estimate: Estimate | None, mark: str = "", after: str = "") -> Cell:
    """12.34 [10.1–15.0]"""
    if estimate is None or estimate.missing:
        return Cell(MISSING, mark=mark, after=after)
    known = not math.isnan(estimate.low)
    interval = f"[{100 * estimate.low:.1f}–{100 * estimate.high:.1f}]" if known else ""
    return Cell(percent(estimate.value), interval, mark, after)


def number(value: float) -> str:
    return MISSING if math.isnan(value) else f"{value:.3f}"


def refs(count: int) -> str:
    """1 ref, 3 refs"""
    return f"{count} ref" if count == 1 else f"{count} refs"
