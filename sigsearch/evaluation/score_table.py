"""Raw scores as columns. Every figure is derived from these, and from nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sigsearch.arrays import Floats, Mask

KINDS = ("genuine", "skilled", "random")
Table = TypeVar("Table", "ScoreTable", "SearchTable")


@dataclass(frozen=True, slots=True, eq=False)
class Labels:
    """A column of names: `names[codes[row]]`."""

    codes: NDArray[np.int32]
    names: tuple[str, ...]

    @classmethod
    def of(cls, values: Iterable[str]) -> Labels:
        known: dict[str, int] = {}
        codes = [known.setdefault(value, len(known)) for value in values]
        return cls(np.array(codes, np.int32), tuple(known))

    @classmethod
    def constant(cls, value: str, length: int) -> Labels:
        return cls(np.zeros(length, np.int32), (value,))

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, rows: Any) -> Labels:
        return Labels(self.codes[rows], self.names)

    def equal(self, name: str) -> Mask:
        """Which rows bear this name."""
        if name not in self.names:
            return np.zeros(len(self), bool)
        same: Mask = self.codes == self.names.index(name)
        return same

    def present(self) -> list[str]:
        """The names that occur, in the order in which they were first seen."""
        return [self.names[code] for code in np.unique(self.codes)]

    def values(self) -> list[str]:
        return [self.names[code] for code in self.codes.tolist()]

    @classmethod
    def concatenate(cls, parts: Sequence[Labels]) -> Labels:
        known: dict[str, int] = {}
        codes = []
        for part in parts:
            table = [known.setdefault(name, len(known)) for name in part.names]
            codes.append(np.array(table, np.int32)[part.codes] if len(part) else part.codes)
        return cls(np.concatenate(codes) if codes else np.zeros(0, np.int32), tuple(known))


@dataclass(frozen=True, slots=True, eq=False)
class ScoreTable:
    """One row a comparison of a questioned signature with a writer's references.

    `writer` is the writer it was compared with, `hand` who that identity belongs to (writers are
    resampled by it), `references` how many references there were; `kind` what the questioned
    signature truly is. scores: scorer name -> (rows,), higher = closer, NaN = not compared.
    """

    dataset: Labels
    role: Labels
    draw: NDArray[np.int32]
    references: NDArray[np.int32]
    kind: Labels
    writer: Labels
    hand: Labels
    questioned: Labels
    group: Labels
    script: Labels
    scores: Mapping[str, Floats]

    def __len__(self) -> int:
        return len(self.draw)

    def where(self, rows: Any) -> ScoreTable:
        return _where(self, rows)

    @property
    def scorers(self) -> tuple[str, ...]:
        return tuple(self.scores)

    def with_scores(self, name: str, values: ArrayLike) -> ScoreTable:
        """The same comparisons with one more scorer's scores."""
        columns = {f.name: getattr(self, f.name) for f in fields(self)}
        more = {**self.scores, name: np.asarray(values, np.float64)}
        return ScoreTable(**{**columns, "scores": more})


@dataclass(frozen=True, slots=True, eq=False)
class SearchTable:
    """One row a search of a questioned signature among all writers of a dataset.

    kind: genuine (of `writer`) or skilled (an imitation of `writer`). rank: the place of `writer`;
    score: its score; other: the best score of any other writer; gallery: how many there are.
    Without the signature's own writer enrolled, the search would have returned `other` as its best
    among gallery - 1: that is how non-mated searches are had from the same rows. lead, other_lead:
    the same scores less what rivals take off (`matching.rivals`), by which it is decided whether
    anybody is named; of a genuine signature `other_lead` is without its own writer among them.
    """

    dataset: Labels
    role: Labels
    scorer: Labels
    references: NDArray[np.int32]
    kind: Labels
    writer: Labels
    hand: Labels
    questioned: Labels
    gallery: NDArray[np.int32]
    rank: NDArray[np.int32]
    score: Floats
    other: Floats
    lead: Floats
    other_lead: Floats

    def __len__(self) -> int:
        return len(self.rank)

    def where(self, rows: Any) -> SearchTable:
        return _where(self, rows)


def _where(table: Table, rows: Any) -> Table:
    def chosen(column: Any) -> Any:
        if isinstance(column, Mapping):
            return {name: values[rows] for name, values in column.items()}
        return column[rows]

    columns: dict[str, Any] = {f.name: chosen(getattr(table, f.name)) for f in fields(table)}
    return type(table)(**columns)


def concatenate(parts: Sequence[Table]) -> Table:
    """Tables of the same scorers, one below the other. Raises ValueError for no tables."""
    if not parts:
        raise ValueError("no tables to put together")
    columns: dict[str, Any] = {
        f.name: _joined([getattr(part, f.name) for part in parts]) for f in fields(parts[0])
    }
    return type(parts[0])(**columns)


def _joined(columns: Sequence[Any]) -> Any:
    if isinstance(columns[0], Labels):
        return Labels.concatenate(columns)
    if isinstance(columns[0], Mapping):
        return {name: np.concatenate([c[name] for c in columns]) for name in columns[0]}
    return np.concatenate(columns)
