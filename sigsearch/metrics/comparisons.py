"""Scores of one kind and what they count: what error rates are taken from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sigsearch.arrays import Floats, Ids


@dataclass(frozen=True, slots=True)
class Comparisons:
    """Fused scores of one kind: values (n,); writers (n,), numbers from 0 of the writers compared
    with, who are resampled; weights (n,), what each comparison counts; repeats: how often, on
    average, one questioned signature was compared with one writer, each time with other references
    of theirs."""

    values: Floats
    writers: Ids
    weights: Floats
    repeats: float = 1.0

    @classmethod
    def alike(cls, values: Floats, writers: Ids, pairs: int | None = None) -> Comparisons:
        """Comparisons that count the same; `pairs`: how many different ones there are."""
        repeats = len(values) / pairs if pairs else 1.0
        return cls(values, writers, np.ones(len(values)), repeats)

    @classmethod
    def of_sets(cls, parts: Sequence[Comparisons]) -> Comparisons:
        """Those of several sets, each set counting the same; writers are numbered within a set, so
        nobody is told apart here."""
        weights = [np.full(len(part), 1 / len(part)) for part in parts]
        length = sum(map(len, parts))
        return cls(
            np.concatenate([part.values for part in parts]),
            np.zeros(length, np.int64),
            np.concatenate(weights),
            length / sum(part.distinct for part in parts),
        )

    def __len__(self) -> int:
        return len(self.values)

    @property
    def distinct(self) -> int:
        """How many different pairs of a questioned signature and a writer there are. They, not the
        comparisons, say how rare an error can be: a forgery that deceives does so in draw after
        draw of references, and one that nobody made is in none of them."""
        return round(len(self) / self.repeats)

    def quantiles(self, at: Floats) -> Floats:
        """Weighted quantiles of the scores at these shares."""
        order = np.argsort(self.values)
        share = np.cumsum(self.weights[order]) / self.weights.sum()
        place = np.searchsorted(share, at).clip(0, len(order) - 1)
        found: Floats = self.values[order][place]
        return found


def rates_at(threshold: float, mated: Comparisons, non_mated: Comparisons) -> tuple[float, float]:
    """(FMR, FNMR) of comparisons at a threshold, each comparison counting for its weight."""
    accepted = np.average(non_mated.values >= threshold, weights=non_mated.weights)
    missed = np.average(mated.values < threshold, weights=mated.weights)
    return float(accepted), float(missed)
