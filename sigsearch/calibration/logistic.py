"""Fit a calibration to comparisons of known writers. Everything is deterministic."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sigsearch.calibration.bounds import empirical_bounds
from sigsearch.errors import CalibrationError
from sigsearch.matching.calibration import Calibration
from sigsearch.matching.rates import Comparisons, tabulate
from sigsearch.schema import Proposition

Floats = NDArray[np.float64]
_LEAST_WRITERS = 5
_STEPS = 50


def fit_calibration(
    mated: Comparisons,
    non_mated: Comparisons,
    *,
    population: str,
    proposition: Proposition,
    references: int,
) -> Calibration:
    """Logistic calibration at even prior odds, with bounds and rates.

    Raises CalibrationError when there are too few writers, or closer scores are not likelier.
    """
    writers = len(np.unique(mated.writers))
    if writers < _LEAST_WRITERS:
        raise CalibrationError(
            f"{writers} writers cannot stand for a population against {proposition!r} with "
            f"{references} references; at least {_LEAST_WRITERS} are needed"
        )
    rates = tabulate(mated, non_mated)
    slope, offset = fit_logistic(mated, non_mated)
    if slope <= 0:
        raise CalibrationError(
            f"against {proposition!r} closer scores are not more often genuine in {population!r}; "
            "check the labels"
        )
    lower, upper = empirical_bounds(
        slope * mated.values + offset,
        slope * non_mated.values + offset,
        (mated.repeats, non_mated.repeats),
    )
    return Calibration(
        calibrated_on=population,
        proposition=proposition,
        reference_count=references,
        slope=slope,
        offset=offset,
        lower=lower,
        upper=upper,
        writer_count=writers,
        mated=mated.distinct,
        non_mated=non_mated.distinct,
        rates=rates,
    )


def fit_logistic(mated: Comparisons, non_mated: Comparisons) -> tuple[float, float]:
    """Slope and offset of log10 LR by logistic regression, both classes weighing the same.

    Targets are drawn in as Platt (1999) has it, so that separable scores stay finite; the less, the
    more `distinct` comparisons there are.
    """
    values = np.concatenate([mated.values, non_mated.values])
    middle, spread = float(values.mean()), float(values.std()) or 1.0
    x = np.stack([(values - middle) / spread, np.ones(len(values))])
    near, far = mated.distinct, non_mated.distinct
    target = np.repeat([(near + 1) / (near + 2), 1 / (far + 2)], [len(mated), len(non_mated)])
    share = [s.weights / s.weights.sum() for s in (mated, non_mated)]
    solution = _newton(x, target, np.concatenate(share))
    slope, offset = solution[0] / spread, solution[1] - solution[0] * middle / spread
    return float(slope / np.log(10)), float(offset / np.log(10))


def _newton(x: Floats, target: Floats, weight: Floats) -> Floats:
    at = np.zeros(len(x))
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-np.clip(at @ x, -40, 40)))
        slope = x @ (weight * (target - chance))
        curve = (x * (weight * chance * (1 - chance))) @ x.T + 1e-9 * np.eye(len(x))
        step = np.linalg.solve(curve, slope)
        # A full step can overshoot where the curve is flat.
        at = at + step * min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-12))
        if np.abs(step).max() < 1e-6:
            break
    return at
