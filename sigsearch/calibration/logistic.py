"""Fit a calibration to comparisons of known writers. Everything is deterministic."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sigsearch.arrays import Floats
from sigsearch.calibration.bounds import empirical_bounds
from sigsearch.calibration.tabulating import tabulate
from sigsearch.errors import CalibrationError
from sigsearch.matching.calibration import Calibration
from sigsearch.metrics import Comparisons
from sigsearch.schema import Proposition

_LEAST_WRITERS = 5
_STEPS = 50
_LEAST = 1e-9  # added to the curve, so that it can be inverted where it is flat


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
    try:
        ratios = fit_likelihood_ratios(mated, non_mated)
    except CalibrationError as fault:
        raise CalibrationError(f"against {proposition!r} in {population!r}: {fault}") from None
    return Calibration(
        calibrated_on=population,
        proposition=proposition,
        reference_count=references,
        slope=ratios.slope,
        offset=ratios.offset,
        lower=ratios.lower,
        upper=ratios.upper,
        writer_count=writers,
        mated=mated.distinct,
        non_mated=non_mated.distinct,
        rates=rates,
    )


@dataclass(frozen=True, slots=True)
class LikelihoodRatios:
    """log10 LR = slope * score + offset, within the bounds that the scores support."""

    slope: float
    offset: float
    lower: float
    upper: float

    def llr(self, scores: Floats) -> Floats:
        bounded: Floats = np.clip(self.slope * scores + self.offset, self.lower, self.upper)
        return bounded


def fit_likelihood_ratios(mated: Comparisons, non_mated: Comparisons) -> LikelihoodRatios:
    """Slope, offset and bounds. Raises CalibrationError when closer scores are not likelier."""
    slope, offset = fit_logistic(mated, non_mated)
    if slope <= 0:
        raise CalibrationError("closer scores are not more often genuine; check the labels")
    lower, upper = empirical_bounds(
        slope * mated.values + offset,
        slope * non_mated.values + offset,
        (mated.repeats, non_mated.repeats),
    )
    return LikelihoodRatios(slope, offset, lower, upper)


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
    solution = logistic_weights(x, target, np.concatenate(share))
    slope, offset = solution[0] / spread, solution[1] - solution[0] * middle / spread
    return float(slope / np.log(10)), float(offset / np.log(10))


def logistic_weights(
    x: Floats, target: Floats, weight: Floats, ridge: float | Floats = 0.0
) -> Floats:
    """Weights (k,) of a logistic regression by Newton's method: x (k, n), a row of ones among them
    for an intercept; target (n,), 0..1; weight (n,), what each counts; ridge: what a weight, or
    each of them (k,), costs, squared and halved."""
    at = np.zeros(len(x))
    cost = np.broadcast_to(np.asarray(ridge, np.float64), len(x))
    least = np.diag(np.where(cost > 0, cost, _LEAST))
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-np.clip(at @ x, -40, 40)))
        slope = x @ (weight * (target - chance)) - cost * at
        curve = (x * (weight * chance * (1 - chance))) @ x.T + least
        step = np.linalg.solve(curve, slope)
        # A full step can overshoot where the curve is flat.
        at = at + step * min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-12))
        if np.abs(step).max() < 1e-6:
            break
    return at
