"""False matches and false non-matches at the threshold of a stated FMR."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sigsearch.calibration.fit import comparisons_of
from sigsearch.errors import CalibrationError
from sigsearch.evaluation.figures.estimate import share_of
from sigsearch.evaluation.stated_rates.measured import StatedVerification
from sigsearch.matching.calibration import CalibrationSet
from sigsearch.metrics import cllr, cllr_min
from sigsearch.trials.trial import Forgery, Trial

AGAINST: tuple[Forgery, ...] = ("skilled", "random")


def verification_rates(
    name: str,
    trials: Sequence[Trial],
    calibrations: CalibrationSet,
    references: Sequence[int],
    fmr: float,
) -> Iterator[StatedVerification]:
    """For each number of references and kind of forgery that trials and calibration have."""
    for count in references:
        for against in AGAINST:
            try:
                mated, non_mated = comparisons_of(trials, against, count, calibrations.fusion)
                used = calibrations.choose(against, count)
            except CalibrationError:  # nobody has so many, or nobody imitated
                continue
            threshold = used.threshold_at_fmr(fmr)
            writers = int(max(mated.writers.max(), non_mated.writers.max())) + 1
            accepted, missed = non_mated.values >= threshold, mated.values < threshold
            yield StatedVerification(
                set=name,
                against=against,
                reference_count=count,
                writer_count=writers,
                mated=mated.distinct,
                non_mated=non_mated.distinct,
                stated_fmr=fmr,
                supported=bool(used.rates.supports_fmr(fmr)),
                fmr=share_of(accepted, non_mated.writers, non_mated.distinct, writers),
                fnmr=share_of(missed, mated.writers, mated.distinct, writers),
                cllr=cllr(used.llr(mated.values), used.llr(non_mated.values)),
                cllr_min=cllr_min(mated.values, non_mated.values),
            )
