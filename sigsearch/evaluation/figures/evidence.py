"""How good the likelihood ratios are that a calibration on validation writers gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from sigsearch.calibration.logistic import LikelihoodRatios
from sigsearch.evaluation.figures.estimate import RESAMPLES, Estimate, record
from sigsearch.evaluation.figures.slices import ScoredSlice
from sigsearch.evaluation.score_table import ScoreTable
from sigsearch.metrics import WriterBootstrap, cllr, cllr_min, reliability, tippett
from sigsearch.metrics.likelihood import penalty

_GRID = np.round(np.linspace(-4, 4, 81), 2)


@dataclass(frozen=True, slots=True)
class CalibrationFigures:
    """Cllr of the calibrated scores; Cllr_min is what the order of the scores alone allows.

    bounds: log10 LR beyond which the validation scores support no claim.
    """

    scorer: str
    slice: str
    reference_count: int
    against: str
    mated: int
    non_mated: int
    cllr: Estimate
    cllr_min: float
    bounds: tuple[float, float]
    tippett: dict[str, list[float]]
    reliability: dict[str, list[float]]

    def to_dict(self) -> dict[str, Any]:
        return record(self)


def calibration(
    table: ScoreTable,
    scorer: str,
    name: str,
    references: int,
    against: str,
    ratios: LikelihoodRatios,
) -> CalibrationFigures | None:
    """None when a class is empty."""
    found = ScoredSlice.of(table, scorer, against)
    if found.empty:
        return None
    own, others = (ratios.llr(side.values) for side in (found.mated, found.non_mated))
    bootstrap = WriterBootstrap.draw(found.hands, RESAMPLES)
    resampled = (
        bootstrap.mean(penalty(-own), found.mated.writers)
        + bootstrap.mean(penalty(others), found.non_mated.writers)
    ) / 2
    bins = reliability(own, others)
    return CalibrationFigures(
        scorer, name, references, against, len(own), len(others),
        Estimate.of(cllr(own, others), resampled),
        cllr_min(found.mated.values, found.non_mated.values),
        (ratios.lower, ratios.upper),
        {
            "at": _GRID.tolist(),
            "mated": np.round(tippett(own, _GRID), 5).tolist(),
            "non_mated": np.round(tippett(others, _GRID), 5).tolist(),
        },
        {
            "stated": np.round(bins.stated, 5).tolist(),
            "observed": np.round(bins.observed, 5).tolist(),
            "comparisons": bins.comparisons.tolist(),
        },
    )  # fmt: skip
