"""Thresholds and calibrations fixed on validation writers, before any test score is looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sigsearch.arrays import Floats
from sigsearch.calibration.bounds import empirical_bounds
from sigsearch.calibration.logistic import fit_logistic
from sigsearch.errors import CalibrationError
from sigsearch.evaluation.figures.verification import Comparisons
from sigsearch.evaluation.tables import ScoreTable
from sigsearch.matching import rates as matching

RANDOM_FMR = 0.01


def by_dataset(table: ScoreTable, scorer: str, against: str) -> list[Comparisons]:
    """The comparisons of each dataset that has both classes."""
    names = table.dataset.present()
    found = [
        Comparisons.of(table.where(table.dataset.equal(name)), scorer, against) for name in names
    ]
    return [one for one in found if not one.empty]


def fixed_threshold(validation: ScoreTable, scorer: str, against: str) -> float:
    """One threshold for all datasets, each weighing the same; NaN without validation writers.

    Against skilled forgeries it is where the mean FMR and FNMR meet; against random ones where
    the mean FMR is 1 %.
    """
    parts = by_dataset(validation, scorer, against)
    if not parts:
        return float("nan")
    at = np.unique(np.concatenate([np.concatenate([p.mated, p.non_mated]) for p in parts]))
    fmr = np.mean(
        [1 - np.searchsorted(np.sort(p.non_mated), at) / len(p.non_mated) for p in parts], axis=0
    )
    fnmr = np.mean([np.searchsorted(np.sort(p.mated), at) / len(p.mated) for p in parts], axis=0)
    if against == "skilled":
        return float(at[np.argmin(np.maximum(fmr, fnmr))])
    allowed = np.flatnonzero(fmr <= RANDOM_FMR)
    return float(at[allowed[0]]) if len(allowed) else float(np.nextafter(at[-1], np.inf))


@dataclass(frozen=True, slots=True)
class Calibrator:
    """log10 LR = slope x score + offset, within the bounds that the validation scores support."""

    slope: float
    offset: float
    lower: float
    upper: float

    def llr(self, scores: Floats) -> Floats:
        bounded: Floats = np.clip(self.slope * scores + self.offset, self.lower, self.upper)
        return bounded


def fit_calibrator(validation: ScoreTable, scorer: str, against: str) -> Calibrator | None:
    """A logistic calibration on validation writers, each dataset weighing the same.

    None when there are none, or when higher scores are not likelier to be genuine.
    """
    parts = by_dataset(validation, scorer, against)
    if not parts:
        return None
    mated = _weighted([p.mated for p in parts], sum(p.mated_pairs for p in parts))
    non_mated = _weighted([p.non_mated for p in parts], sum(p.non_mated_pairs for p in parts))
    try:
        slope, offset = fit_logistic(mated, non_mated)
    except (CalibrationError, np.linalg.LinAlgError):
        return None
    if slope <= 0:
        return None
    lower, upper = empirical_bounds(
        slope * mated.values + offset,
        slope * non_mated.values + offset,
        (mated.repeats, non_mated.repeats),
    )
    return Calibrator(slope, offset, lower, upper)


def _weighted(parts: Sequence[Floats], pairs: int) -> matching.Comparisons:
    values = np.concatenate(parts)
    weights = np.concatenate([np.full(len(part), 1 / len(part)) for part in parts])
    nobody = np.zeros(len(values), np.int64)
    return matching.Comparisons(values, nobody, weights, len(values) / pairs)
