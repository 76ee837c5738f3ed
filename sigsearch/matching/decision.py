"""A score is never a decision: here it meets the thresholds of stated error rates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from sigsearch.errors import CalibrationError
from sigsearch.matching.calibration import Calibration, Proposition
from sigsearch.matching.population import Population
from sigsearch.matching.rates import Rate

Decision = Literal["match", "inconclusive", "non_match"]
DEFAULT_FMR = 0.05
DEFAULT_FNMR = 0.05


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to "is it theirs?" and everything it rests on.

    score: fused, higher = closer; llr: log10 likelihood ratio within lower..upper; threshold: the
    score that a match must reach, at which false matches occur at the stated rate `fmr`;
    reject_below: a score lower than this is a non_match, lost to genuine signatures at the stated
    rate `fnmr`; fmr_observed, fnmr_observed: at `threshold`, on the calibration writers;
    population: the calibration's; threshold_from: the one among which `fmr` is meant, another only
    where an index has measured its own; handicap: the questioned signature's for being plain, 0
    unless `against` random forgeries, see `decide`.
    """

    decision: Decision
    score: float
    threshold: float
    reject_below: float
    fmr: float
    fnmr: float
    llr: float
    llr_lower: float
    llr_upper: float
    against: Proposition
    population: str
    threshold_from: str
    references_calibrated: int
    fmr_observed: Rate
    fnmr_observed: Rate
    handicap: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        plain = {name: getattr(self, name) for name in self.__dataclass_fields__}
        rates = {"fmr_observed": self.fmr_observed.to_dict()}
        return plain | rates | {"fnmr_observed": self.fnmr_observed.to_dict()}


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
        reject_below=reject_below,
        fmr=fmr,
        fnmr=fnmr,
        llr=float(calibration.llr(score - raised)),
        llr_lower=calibration.lower,
        llr_upper=calibration.upper,
        against=calibration.proposition,
        population=calibration.population,
        threshold_from=measured.name if measured else calibration.population,
        references_calibrated=calibration.references,
        fmr_observed=rates.fmr_at(threshold - raised),
        fnmr_observed=rates.fnmr_at(threshold - raised),
        handicap=raised,
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
                f"the calibration {calibration.population!r} against {calibration.proposition!r} "
                f"with {calibration.references} references supports {name} {least[name]:.2g} and "
                f"above, not {rate:g}; ask for a larger rate or calibrate on more writers"
            )
