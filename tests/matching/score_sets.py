"""Small invented sets of comparisons, whose true error rates are known."""

from __future__ import annotations

import numpy as np

from sigsearch.calibration.logistic import fit_calibration
from sigsearch.matching.calibration import Calibration, CalibrationSet
from sigsearch.matching.fusion import FusionWeights
from sigsearch.metrics import Comparisons
from sigsearch.schema import Proposition

WRITERS = 30


def normal_comparisons(mean: float, number: int, seed: int) -> Comparisons:
    """`number` comparisons per writer, normal with spread 1."""
    values = np.random.default_rng(seed).normal(mean, 1.0, WRITERS * number)
    return Comparisons(values, np.repeat(np.arange(WRITERS), number), np.ones(len(values)))


def normal_calibration(proposition: Proposition = "skilled", references: int = 1) -> Calibration:
    """Mated at +1.5 and non-mated at -1.5: the true natural log LR is three times the score."""
    return fit_calibration(
        normal_comparisons(1.5, 40, 1),
        normal_comparisons(-1.5, 100, 2),
        population="invented",
        proposition=proposition,
        references=references,
    )


def calibration_set() -> CalibrationSet:
    parts = [
        normal_calibration(proposition, references)
        for proposition in ("skilled", "random")
        for references in (1, 3, 8)
    ]
    return CalibrationSet("invented", "fake-encoder", FusionWeights(), tuple(parts))
