"""Intervals by bootstrap over writers.

Comparisons of one writer resemble each other, so resampling comparisons would claim far more
certainty than there is: whole writers are drawn with replacement. Each resample is a row of counts
(resamples, writers), which turns every rate into one matrix product over per-writer histograms.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sigsearch.arrays import Floats
from sigsearch.metrics.comparisons import Comparisons
from sigsearch.metrics.rates import scores

_MAX_THRESHOLDS = 2048  # resampled curves are read at these; the point estimates are exact


@dataclass(frozen=True, slots=True)
class WriterBootstrap:
    """`counts[b, w]`: how often writer `w` is in resample `b`.

    One writer says nothing about others: all resampled figures are NaN then.
    """

    counts: Floats

    @classmethod
    def draw(cls, writers: int, resamples: int = 1000, seed: int = 0) -> WriterBootstrap:
        if writers < 2:
            return cls(np.full((resamples, writers), np.nan))
        random = np.random.default_rng(seed)
        even = np.full(writers, 1.0 / writers)
        return cls(random.multinomial(writers, even, size=resamples).astype(np.float64))

    def mean(self, values: ArrayLike, writers: NDArray[np.integer]) -> Floats:
        """Resampled means of one value a comparison; `writers` are its rows' writer numbers."""
        size = self.counts.shape[1]
        totals = np.bincount(writers, weights=np.asarray(values, np.float64), minlength=size)
        numbers = np.bincount(writers, minlength=size)
        with np.errstate(invalid="ignore", divide="ignore"):
            means: Floats = (self.counts @ totals) / (self.counts @ numbers)
        return means

    def with_sample(self) -> WriterBootstrap:
        """The sample itself before its resamples, as row 0."""
        return WriterBootstrap(np.vstack([np.ones(self.counts.shape[1]), self.counts]))

    def curves(self, mated: Comparisons, non_mated: Comparisons) -> tuple[Floats, Floats]:
        """Resampled FMR and FNMR, each (resamples, thresholds), thresholds ascending.

        A comparison belongs to the writer that the questioned signature was compared with.
        """
        return self.curves_at(
            _thresholds(scores(mated.values), scores(non_mated.values)), mated, non_mated
        )

    def curves_at(
        self, edges: Floats, mated: Comparisons, non_mated: Comparisons
    ) -> tuple[Floats, Floats]:
        """The same at ascending thresholds of one's own, of which nothing reaches the last."""
        return 1 - self._below(non_mated, edges), self._below(mated, edges)

    def _below(self, sample: Comparisons, edges: Floats) -> Floats:
        """(resamples, edges): the weighted share of the comparisons below each edge."""
        # The last edge may be infinite, and so may a score: it counts as below, as in
        # `error_rates`.
        cell = np.minimum(np.searchsorted(edges, sample.values, side="right"), len(edges) - 1)
        wide = len(edges) + 1
        at = sample.writers * wide + cell
        mass = np.bincount(at, sample.weights, minlength=self.counts.shape[1] * wide)
        by_writer = self.counts @ mass.reshape(-1, wide)
        total = by_writer.sum(axis=1, keepdims=True)
        with np.errstate(invalid="ignore", divide="ignore"):
            share: Floats = np.cumsum(by_writer, axis=1)[:, :-1] / total
        return share


def fnmr_where(fmr: Floats, fnmr: Floats, rate: float) -> Floats:
    """Resampled FNMR (resamples,) at the lowest threshold with a resampled FMR of at most `rate`.

    fmr, fnmr: (resamples, thresholds), from `WriterBootstrap.curves`.
    """
    first = np.argmax(fmr <= rate + 1e-12, axis=-1)
    at: Floats = np.take_along_axis(fnmr, first[:, None], -1)[:, 0]
    return at


def interval(resampled: ArrayLike, level: float = 0.95) -> tuple[float, float]:
    """The percentile interval of resampled figures; NaN when there are none."""
    values = np.asarray(resampled, np.float64)
    values = values[~np.isnan(values)]
    if not len(values):
        return float("nan"), float("nan")
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def _thresholds(own: Floats, others: Floats) -> Floats:
    distinct = np.unique(np.concatenate([own, others]))
    if len(distinct) > _MAX_THRESHOLDS:
        # Half of the points by each class, and half of those in the upper tail, where the
        # thresholds for small false match rates are.
        tail = 1 - np.geomspace(1e-6, 0.1, _MAX_THRESHOLDS // 4)
        places = np.concatenate([np.linspace(0, 1, _MAX_THRESHOLDS // 4), tail])
        parts = [np.quantile(x, places, method="nearest") for x in (own, others) if len(x)]
        distinct = np.unique(np.concatenate([*parts, distinct[:1]]))
    return np.append(distinct, np.inf)
