"""FMR, FNMR and what is read off their curves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from sigsearch.arrays import Floats


@dataclass(frozen=True, slots=True)
class ErrorRates:
    """FMR and FNMR at every threshold that makes a difference, ascending; the last is infinite."""

    thresholds: Floats
    fmr: Floats
    fnmr: Floats


def scores(values: ArrayLike) -> Floats:
    """Any scores as a flat float array. Raises ValueError when one of them is no number."""
    array = np.asarray(values, dtype=np.float64).ravel()
    if np.isnan(array).any():
        raise ValueError("a score is not a number (NaN)")
    return array


def error_rates(mated: ArrayLike, non_mated: ArrayLike) -> ErrorRates:
    """FMR = share of `non_mated` at or above the threshold, FNMR = share of `mated` below it."""
    own, others = np.sort(scores(mated)), np.sort(scores(non_mated))
    thresholds = np.append(np.unique(np.concatenate([own, others])), np.inf)
    if not len(own) or not len(others):
        missing = np.full(len(thresholds), np.nan)
        return ErrorRates(thresholds, missing, missing)
    fmr = 1.0 - np.searchsorted(others, thresholds) / len(others)
    fnmr = np.searchsorted(own, thresholds) / len(own)
    # The last threshold accepts nothing, not even an infinite score.
    fmr[-1], fnmr[-1] = 0.0, 1.0
    return ErrorRates(thresholds, fmr, fnmr)


def eer(mated: ArrayLike, non_mated: ArrayLike) -> float:
    """Equal error rate, 0..1: where the FMR and FNMR curves cross, linearly interpolated.

    Scores that are tied move both rates at once; interpolating along that step gives the rate that
    breaking the ties at random would give on average. Equal scores throughout give 0.5.
    """
    rates = error_rates(mated, non_mated)
    if np.isnan(rates.fmr).any():
        return float("nan")
    return float(crossing(rates.fmr, rates.fnmr))


def crossing(fmr: Floats, fnmr: Floats) -> Floats:
    """The rate at which curves cross; thresholds ascend along the last axis."""
    gap = fnmr - fmr
    after = np.maximum(np.argmax(gap >= 0, axis=-1), 1)[..., None]
    gap_0, gap_1 = (np.take_along_axis(gap, i, -1)[..., 0] for i in (after - 1, after))
    fmr_0, fmr_1 = (np.take_along_axis(fmr, i, -1)[..., 0] for i in (after - 1, after))
    with np.errstate(invalid="ignore"):
        rate: Floats = fmr_0 + (fmr_1 - fmr_0) * -gap_0 / (gap_1 - gap_0)
    return np.clip(rate, 0.0, 1.0)


def threshold_at_eer(mated: ArrayLike, non_mated: ArrayLike) -> float:
    """The threshold at which the larger of the two rates is smallest."""
    rates = error_rates(mated, non_mated)
    worse = np.maximum(rates.fmr, rates.fnmr)
    if np.isnan(worse).all():
        return float("nan")
    best = int(np.argmin(worse))
    # Half way to the score below: a threshold on a score itself would be as tight as it can be.
    if 0 < best < len(worse) - 1:
        return float((rates.thresholds[best - 1] + rates.thresholds[best]) / 2)
    return float(rates.thresholds[best])


def threshold_at_fmr(non_mated: ArrayLike, fmr: float) -> float:
    """The lowest threshold whose observed false match rate is at most `fmr`.

    Just above a non-mated score, or minus infinity when everything may be accepted.
    """
    others = np.sort(scores(non_mated))
    if not len(others):
        return float("nan")
    allowed = int(np.floor(fmr * len(others) + 1e-9))
    if allowed >= len(others):
        return float("-inf")
    return float(np.nextafter(others[len(others) - allowed - 1], np.inf))


def fnmr_at_fmr(mated: ArrayLike, non_mated: ArrayLike, fmr: float) -> float:
    """FNMR at the lowest threshold whose FMR is at most `fmr`; not interpolated, so never rosy."""
    own, threshold = scores(mated), threshold_at_fmr(non_mated, fmr)
    if not len(own) or np.isnan(threshold):
        return float("nan")
    return float(np.mean(own < threshold))


def supports(non_mated: int, rate: float) -> bool:
    """Whether `non_mated` different comparisons say anything about an error rate so small.

    By the rule of three, no error in n trials bounds the rate by 3 / n with 95 % confidence.
    """
    return non_mated * rate >= 3
