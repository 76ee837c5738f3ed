"""A score is never a decision: here it meets the thresholds of stated error rates."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from sigsearch.errors import CalibrationError
from sigsearch.matching.calibration import Calibration
from sigsearch.matching.population import Population
from sigsearch.matching.rates import Rate
from sigsearch.schema import Jsonable, Proposition, places

Decision = Literal["match", "inconclusive", "non_match"]
DEFAULT_FMR = 0.05
DEFAULT_FNMR = 0.05


@dataclass(frozen=True, slots=True)
class Evidence(Jsonable):
    """What a decision rests on.

    llr: log10 likelihood ratio, within llr_lower..llr_upper; against: what a false match would be;
    fmr, fnmr: the stated rates; reject_below: a lower score is a non_match, lost to genuine
    signatures at the rate `fnmr`; fmr_observed, fnmr_observed: at the threshold, on the calibration
    writers; calibrated_on: who these are; threshold_from: among whom `fmr` is meant, others only
    where an index has measured its own writers; reference_count: that of the calibration; handicap:
    the questioned signature's for being plain, 0 unless `against` random forgeries, see `decide`.
    """

    llr: float
    llr_lower: float
    llr_upper: float
    against: Proposition
    fmr: float = field(metadata=places(None))
    fnmr: float = field(metadata=places(None))
    reject_below: float
    fmr_observed: Rate
    fnmr_observed: Rate
    calibrated_on: str
    threshold_from: str
    reference_count: int
    handicap: float = 0.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to "is it theirs?": score: fused, higher = closer; threshold: the score that a
    match must reach, at which false matches occur at the stated rate."""

    decision: Decision
    score: float
    threshold: float
    evidence: Evidence


def reaches(score: float, threshold: float) -> bool:
    """The one comparison of a score with a threshold: equal is enough."""
    return score >= threshold


def decide(
    score: float,
    calibration: Calibration,
    fmr: float = DEFAULT_FMR,
    fnmr: float = DEFAULT_FNMR,
    population: Population | None = None,
    handicap: float = 0.0,
) -> Verdict:
    """`match`, `inconclusive` or `non_match` of a fused score.

    With a `population` the rate `fmr` of random forgeries is meant among its writers; of imitations
    it knows nothing. Against random forgeries all that the calibration says is said of the score
    less the `handicap` that the questioned signature has for being plain (see
    `sigsearch.matching.fusion`), so its thresholds are raised by that. It tells populations apart,
    and the threshold of one that was measured needs no telling.

    What reaches the threshold of `fmr` is a match, what stays below that of `fnmr` a non_match.
    Where the two overlap the match goes first, and nothing is inconclusive. Raises
    CalibrationError when the calibration has too few comparisons for the rates asked for.
    """
    rates = calibration.rates
    refuse_unsupported(calibration, fmr, fnmr)
    measured = population if calibration.proposition == "random" else None
    raised = handicap if calibration.proposition == "random" else 0.0
    threshold = (
        rates.threshold_at_fmr(measured.fmr_for_fmr(fmr))
        if measured
        else calibration.threshold_at_fmr(fmr) + raised
    )
    reject_below = min(rates.threshold_at_fnmr(fnmr) + raised, threshold)
    return Verdict(
        decision=three_way(score, threshold, reject_below),
        score=float(score),
        threshold=threshold,
        evidence=Evidence(
            llr=float(calibration.llr(score - raised)),
            llr_lower=calibration.lower,
            llr_upper=calibration.upper,
            against=calibration.proposition,
            fmr=fmr,
            fnmr=fnmr,
            reject_below=reject_below,
            fmr_observed=rates.fmr_at(threshold - raised),
            fnmr_observed=rates.fnmr_at(threshold - raised),
            calibrated_on=calibration.calibrated_on,
            threshold_from=measured.name if measured else calibration.calibrated_on,
            reference_count=calibration.reference_count,
            handicap=raised,
        ),
    )


def three_way(score: float, threshold: float, reject_below: float) -> Decision:
    """The decision itself; `reject_below` must not exceed `threshold`."""
    if reaches(score, threshold):
        return "match"
    return "inconclusive" if reaches(score, reject_below) else "non_match"


def refuse_unsupported(calibration: Calibration, fmr: float, fnmr: float) -> None:
    """Raises CalibrationError when a stated rate lies below what the comparisons can show."""
    least = {"fmr": calibration.rates.least_fmr, "fnmr": calibration.rates.least_fnmr}
    for name, rate in (("fmr", fmr), ("fnmr", fnmr)):
        if rate < least[name]:
            raise CalibrationError(
                f"the calibration {calibration.calibrated_on!r} against "
                f"{calibration.proposition!r} with {calibration.reference_count} references "
                f"supports {name} {least[name]:.2g} and above, not {rate:g}; ask for a larger rate "
                "or calibrate on more writers"
            )
