"""Comparisons of calibration writers -> error rates at every threshold, with intervals."""

from __future__ import annotations

import numpy as np

from sigsearch.arrays import Floats
from sigsearch.errors import CalibrationError
from sigsearch.matching.rates import RateTable
from sigsearch.metrics import Comparisons, WriterBootstrap

_POINTS = 96
_RESAMPLES = 400
_TAIL = 0.02  # share of the non-mated comparisons from which the tail is learned
_LEVEL = 0.95


def tabulate(mated: Comparisons, non_mated: Comparisons, seed: int = 0) -> RateTable:
    """The table of two sets of comparisons whose writers share one numbering.

    Intervals are percentiles over resamples of whole writers.
    """
    if len(mated) < 2 or len(non_mated) < 2:
        raise CalibrationError("a rate needs mated and non-mated comparisons; some are missing")
    edges = _edges(mated, non_mated)
    size = int(max(mated.writers.max(), non_mated.writers.max())) + 1
    bootstrap = WriterBootstrap.draw(size, _RESAMPLES, seed).with_sample()
    fmr, fnmr = bootstrap.curves_at(edges, mated, non_mated)
    place = [(1 - _LEVEL) / 2, (1 + _LEVEL) / 2]
    fmr_low, fmr_high = np.nanquantile(fmr[1:], place, axis=0)
    fnmr_low, fnmr_high = np.nanquantile(fnmr[1:], place, axis=0)
    return RateTable(
        edges, fmr[0], fmr_low, fmr_high, fnmr[0], fnmr_low, fnmr_high,
        3 / non_mated.distinct, 3 / mated.distinct, _tail(non_mated),
    )  # fmt: skip


def _edges(mated: Comparisons, non_mated: Comparisons) -> Floats:
    """Thresholds where something happens: dense in the tails, where the small rates are."""
    tail = np.geomspace(max(1 / len(non_mated), 1e-7), 0.5, _POINTS // 2)
    own_tail = np.geomspace(max(1 / len(mated), 1e-7), 0.5, _POINTS // 4)
    both = [
        non_mated.quantiles(np.concatenate([1 - tail, np.linspace(0, 0.5, _POINTS // 8)])),
        mated.quantiles(np.concatenate([own_tail, 1 - own_tail])),
    ]
    distinct = np.unique(np.concatenate(both))
    # Just above the highest score of all, so that the table ends with nothing accepted.
    return np.append(distinct, np.nextafter(distinct[-1], np.inf) + 1e-4)


def _tail(non_mated: Comparisons) -> float:
    """Mean excess over a high quantile: the scale of an exponential tail (Pickands 1975)."""
    start = non_mated.quantiles(np.array([1 - _TAIL]))[0]
    above = non_mated.values > start
    if not above.any():
        return 0.0
    return float(np.average(non_mated.values[above] - start, weights=non_mated.weights[above]))
