"""Thresholds and calibrations fixed on validation writers, before any test score is looked at."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sigsearch.calibration.logistic import LikelihoodRatios, fit_likelihood_ratios
from sigsearch.errors import CalibrationError
from sigsearch.evaluation.figures.slices import ScoredSlice
from sigsearch.evaluation.score_table import ScoreTable
from sigsearch.metrics import Comparisons

RANDOM_FMR = 0.01


def by_dataset(table: ScoreTable, scorer: str, against: str) -> list[ScoredSlice]:
    """The comparisons of each dataset that has both classes."""
    names = table.dataset.present()
    found = [
        ScoredSlice.of(table.where(table.dataset.equal(name)), scorer, against) for name in names
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
    own, others = ([np.sort(side.values) for side in sides] for sides in _sides(parts))
    at = np.unique(np.concatenate([*own, *others]))
    fmr = np.mean([1 - np.searchsorted(x, at) / len(x) for x in others], axis=0)
    fnmr = np.mean([np.searchsorted(x, at) / len(x) for x in own], axis=0)
    if against == "skilled":
        return float(at[np.argmin(np.maximum(fmr, fnmr))])
    allowed = np.flatnonzero(fmr <= RANDOM_FMR)
    return float(at[allowed[0]]) if len(allowed) else float(np.nextafter(at[-1], np.inf))


def fit_calibrator(validation: ScoreTable, scorer: str, against: str) -> LikelihoodRatios | None:
    """A logistic calibration on validation writers, each dataset weighing the same.

    None when there are none, or when higher scores are not likelier to be genuine.
    """
    parts = by_dataset(validation, scorer, against)
    if not parts:
        return None
    try:
        return fit_likelihood_ratios(*(Comparisons.of_sets(sides) for sides in _sides(parts)))
    except (CalibrationError, np.linalg.LinAlgError):
        return None


def _sides(parts: Sequence[ScoredSlice]) -> tuple[list[Comparisons], list[Comparisons]]:
    return [part.mated for part in parts], [part.non_mated for part in parts]
