"""The trivial baselines together: a logistic model of their scores, fitted on validation writers.

The strongest content-free opponent that a dataset offers.
"""

from __future__ import annotations

import numpy as np

from sigsearch.arrays import Floats, Mask
from sigsearch.calibration.logistic import logistic_weights
from sigsearch.evaluation.score_table import ScoreTable
from sigsearch.evaluation.scorers.trivial import COMBINED, PROPERTIES

_RIDGE = 1e-3


def combine_trivial(table: ScoreTable) -> ScoreTable:
    """`table` with the combined baseline, one model a dataset and number of references.

    Where a dataset has no validation writers, all others' are used; where there are none at all,
    the standardised scores are added up. Unchanged when `table` lacks the single baselines.
    """
    if not set(PROPERTIES) <= set(table.scores):
        return table
    inputs = np.column_stack([table.scores[name] for name in PROPERTIES])
    combined = np.full(len(table), np.nan)
    fit_rows = table.role.equal("validation") & ~table.kind.equal("random")
    genuine = table.kind.equal("genuine")
    for count in np.unique(table.references):
        with_count = table.references == count
        for name in table.dataset.present():
            rows = with_count & table.dataset.equal(name)
            if not rows.any():
                continue
            fitted = rows & fit_rows
            if not _both(genuine[fitted]):
                fitted = with_count & fit_rows
            middle, spread = inputs[rows].mean(axis=0), inputs[rows].std(axis=0)
            spread[spread == 0] = 1.0
            weights = np.ones(inputs.shape[1])
            if _both(genuine[fitted]):
                weights = fit((inputs[fitted] - middle) / spread, genuine[fitted])
            combined[rows] = (inputs[rows] - middle) / spread @ weights
    return table.with_scores(COMBINED, combined)


def _both(genuine: Mask) -> bool:
    return bool(genuine.any() and not genuine.all())


def fit(inputs: Floats, genuine: Mask) -> Floats:
    """Weights (columns,) of a logistic regression, both classes weighing the same, slightly ridged.

    inputs: (rows, columns), standardised. The intercept is fitted and left away: it moves no rank.
    """
    x = np.column_stack([inputs, np.ones(len(inputs))]).T
    weight = np.where(genuine, 0.5 / genuine.sum(), 0.5 / (~genuine).sum())
    return logistic_weights(x, genuine.astype(np.float64), weight, _RIDGE)[:-1]
