"""The scores of one scorer on one slice of a table: genuine against one kind of forgery."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sigsearch.arrays import Ids, Mask
from sigsearch.evaluation.score_table import Labels, ScoreTable
from sigsearch.metrics import Comparisons


@dataclass(frozen=True, slots=True)
class ScoredSlice:
    """mated, non_mated: their writers are hands, numbered from 0, which are resampled;
    identities: numbers of the writers compared with, of whom one hand may be several; signatures:
    how many different ones were questioned."""

    mated: Comparisons
    non_mated: Comparisons
    mated_identities: Ids
    non_mated_identities: Ids
    mated_signatures: int
    non_mated_signatures: int
    hands: int

    @classmethod
    def of(cls, table: ScoreTable, scorer: str, against: str) -> ScoredSlice:
        """Comparisons that the scorer left out (NaN) do not count."""
        values = table.scores[scorer]
        scored = ~np.isnan(values)
        own = table.kind.equal("genuine") & scored
        others = table.kind.equal(against) & scored
        hands, hand = np.unique(_within(table, "hand"), return_inverse=True)
        writer = np.unique(_within(table, "writer"), return_inverse=True)[1]
        return cls(
            Comparisons.alike(values[own], hand[own], _pairs(table, own)),
            Comparisons.alike(values[others], hand[others], _pairs(table, others)),
            writer[own],
            writer[others],
            len(np.unique(table.questioned.codes[own])),
            len(np.unique(table.questioned.codes[others])),
            len(hands),
        )

    @property
    def identities(self) -> int:
        return len(np.union1d(self.mated_identities, self.non_mated_identities))

    @property
    def empty(self) -> bool:
        return not len(self.mated) or not len(self.non_mated)


def _pairs(table: ScoreTable, rows: Mask) -> int:
    """References drawn anew for one questioned signature and one writer make no further pair.
    Scores that do not say what was questioned are each of another signature."""
    if not any(table.questioned.names):
        return int(rows.sum())
    both = _within(table, "writer")[rows] * len(table.questioned.names)
    return len(np.unique(both + table.questioned.codes[rows]))


def _within(table: ScoreTable, column: str) -> Ids:
    """Codes that keep the writers of different datasets apart."""
    labels: Labels = getattr(table, column)
    codes: Ids = table.dataset.codes.astype(np.int64) * len(labels.names)
    codes += labels.codes
    return codes
