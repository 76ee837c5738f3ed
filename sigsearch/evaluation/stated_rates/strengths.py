"""What a larger strength costs: firm decisions of `verify` at the default rates, by the strength
that they take."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from sigsearch.calibration.fit import comparisons_of
from sigsearch.errors import CalibrationError
from sigsearch.evaluation.stated_rates.measured import StrengthCost
from sigsearch.matching.calibration import CalibrationSet
from sigsearch.matching.decision import decide
from sigsearch.metrics import Comparisons
from sigsearch.trials.trial import Trial

STRENGTHS = (2.0, 5.0, 10.0)


def strength_costs(
    name: str, trials: Sequence[Trial], calibrations: CalibrationSet, references: Sequence[int]
) -> Iterator[StrengthCost]:
    """For each number of references and strength, of the scores at the first look."""
    for count in references:
        try:
            mated, non_mated = comparisons_of(trials, "skilled", count, calibrations.fusion)
            used = calibrations.choose("skilled", count)
        except CalibrationError:  # nobody has so many, or nobody imitated
            continue
        for strength in STRENGTHS:
            at = decide(0.0, used, strength=strength)
            match, below = at.threshold, at.evidence.reject_below
            yield StrengthCost(
                set=name,
                references=count,
                strength=strength,
                genuine_match=_share(mated, mated.values >= match),
                genuine_non_match=_share(mated, mated.values < below),
                skilled_match=_share(non_mated, non_mated.values >= match),
                skilled_non_match=_share(non_mated, non_mated.values < below),
            )


def _share(comparisons: Comparisons, those: np.ndarray) -> float:
    return float(np.average(those, weights=comparisons.weights))
