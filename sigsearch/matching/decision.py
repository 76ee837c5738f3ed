"""A score is never a decision: here it meets the thresholds of stated error rates and the stated
strength of evidence."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import log10
from typing import Literal

from sigsearch.errors import CalibrationError
from sigsearch.matching.calibration import Calibration
from sigsearch.matching.population import Population
from sigsearch.matching.rates import Rate
from sigsearch.matching.strength import (
    DEFAULT_STRENGTH,
    Side,
    Support,
    side_of,
    statement,
    support_of,
)
from sigsearch.schema import Jsonable, Proposition, places

Decision = Literal["match", "inconclusive", "non_match"]
DEFAULT_FMR = 0.05
DEFAULT_FNMR = 0.05


@dataclass(frozen=True, slots=True)
class Evidence(Jsonable):
    """What a decision rests on.

    llr: log10 likelihood ratio, within llr_lower..llr_upper; support, supports: that on the verbal
    scale, and which side; statement: both in a sentence, with the alternative and the population;
    weighed: False where the image does not allow that, so that neither side is supported: then
    `llr` is what the comparison gave, and nothing to rely on;
    against: what a false match would be; fmr, fnmr: the stated rates; strength: the likelihood
    ratio that a match must reach, and a non_match its inverse; reject_below: a lower score is a
    non_match, lost to genuine signatures at the rate `fnmr` at most; fmr_observed, fnmr_observed:
    at the threshold, on the calibration writers; calibrated_on: who these are; threshold_from:
    among whom `fmr` is meant, others only where an index has measured its own writers;
    reference_count: that of the calibration; handicap: the questioned signature's for being plain,
    0 unless `against` random forgeries, see `decide`.
    """

    llr: float
    llr_lower: float
    llr_upper: float
    support: Support
    supports: Side
    statement: str
    weighed: bool
    against: Proposition
    fmr: float = field(metadata=places(None))
    fnmr: float = field(metadata=places(None))
    strength: float
    reject_below: float
    fmr_observed: Rate
    fnmr_observed: Rate
    calibrated_on: str
    threshold_from: str
    reference_count: int
    handicap: float = 0.0

    def unweighed(self, why: str) -> Evidence:
        """The same where the image does not allow it to be weighed, as the statement `why` says."""
        return replace(self, support="no support", supports="neither", statement=why, weighed=False)

    @property
    def weak(self) -> bool:
        """Whether the likelihood ratio lacks the stated strength either way."""
        return abs(self.llr) < log10(self.strength) - 1e-9


@dataclass(frozen=True, slots=True)
class Judged:
    """The answer to "is it theirs?": score: fused, higher = closer; threshold: the score that a
    match must reach, at which false matches occur at the stated rate at most and the likelihood
    ratio has the stated strength."""

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
    strength: float = DEFAULT_STRENGTH,
) -> Judged:
    """`match`, `inconclusive` or `non_match` of a fused score.

    With a `population` the rate `fmr` of random forgeries is meant among its writers; of imitations
    it knows nothing. Against random forgeries all that the calibration says is said of the score
    less the `handicap` that the questioned signature has for being plain (see
    `sigsearch.matching.fusion`), so its thresholds are raised by that. It tells populations apart,
    and the threshold of one that was measured needs no telling.

    What reaches the threshold of `fmr` and a likelihood ratio of `strength` is a match; what stays
    below that of `fnmr` and one of 1 / `strength`, a non_match. So between the two something is
    always inconclusive, however the thresholds of the rates lie. Raises CalibrationError when the
    calibration has too few comparisons for the rates or the strength asked for.
    """
    threshold, reject_below = limits(calibration, fmr, fnmr, population, handicap, strength)
    against_random = calibration.proposition == "random"
    measured, raised = (population, handicap) if against_random else (None, 0.0)
    rates = calibration.rates
    llr = float(calibration.llr(score - raised))
    return Judged(
        decision=three_way(score, threshold, reject_below),
        score=float(score),
        threshold=threshold,
        evidence=Evidence(
            llr=llr,
            llr_lower=calibration.lower,
            llr_upper=calibration.upper,
            support=support_of(llr),
            supports=side_of(llr),
            statement=statement(llr, calibration.proposition, calibration.calibrated_on),
            weighed=True,
            against=calibration.proposition,
            fmr=fmr,
            fnmr=fnmr,
            strength=strength,
            reject_below=reject_below,
            fmr_observed=rates.fmr_at(threshold - raised),
            fnmr_observed=rates.fnmr_at(threshold - raised),
            calibrated_on=calibration.calibrated_on,
            threshold_from=measured.name if measured else calibration.calibrated_on,
            reference_count=calibration.reference_count,
            handicap=raised,
        ),
    )


def limits(
    calibration: Calibration,
    fmr: float,
    fnmr: float,
    population: Population | None,
    handicap: float,
    strength: float,
) -> tuple[float, float]:
    """The score that a match must reach, and the one below which a score is a non_match, as
    `decide` has them. Raises CalibrationError likewise."""
    refuse_unsupported(calibration, fmr, fnmr, strength)
    rates, sure = calibration.rates, log10(strength)
    against_random = calibration.proposition == "random"
    raised = handicap if against_random else 0.0
    if against_random and population:
        threshold = rates.threshold_at_fmr(population.fmr_for_fmr(fmr))
    else:
        threshold = calibration.threshold_at_fmr(fmr) + raised
    threshold = max(threshold, calibration.score_at_llr(sure) + raised)
    lost, doubtful = rates.threshold_at_fnmr(fnmr), calibration.score_at_llr(-sure)
    return threshold, min(lost + raised, doubtful + raised, threshold)


def three_way(score: float, threshold: float, reject_below: float) -> Decision:
    """The decision itself; `reject_below` must not exceed `threshold`."""
    if reaches(score, threshold):
        return "match"
    return "inconclusive" if reaches(score, reject_below) else "non_match"


def refuse_unsupported(
    calibration: Calibration, fmr: float, fnmr: float, strength: float = DEFAULT_STRENGTH
) -> None:
    """Raises CalibrationError when a stated rate lies below what the comparisons can show, or no
    likelihood ratio of the stated strength is supported by them."""
    which = (
        f"the calibration {calibration.calibrated_on!r} against {calibration.proposition!r} with "
        f"{calibration.reference_count} references supports"
    )
    least = {"fmr": calibration.rates.least_fmr, "fnmr": calibration.rates.least_fnmr}
    for name, rate in (("fmr", fmr), ("fnmr", fnmr)):
        if rate < least[name]:
            raise CalibrationError(
                f"{which} {name} {least[name]:.2g} and above, not {rate:g}; ask for a larger rate "
                "or calibrate on more writers"
            )
    most = min(calibration.upper, -calibration.lower)
    if log10(strength) > most:
        raise CalibrationError(
            f"{which} a strength of {10**most:.3g} and below, not {strength:g}; ask for a smaller "
            "one or calibrate on more writers"
        )
