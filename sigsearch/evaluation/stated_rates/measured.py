"""Stated rates beside those observed. Rates are 0..1, intervals by bootstrap over writers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sigsearch.evaluation.figures.estimate import Estimate, record


class _Recorded:
    __slots__ = ()

    def to_dict(self) -> dict[str, Any]:
        return record(self)


@dataclass(frozen=True, slots=True)
class StatedVerification(_Recorded):
    """Claims against writers with so many references, at the threshold of the stated FMR.

    supported: whether the calibration has enough comparisons for that rate. cllr_min: what the
    order of the scores alone allows.
    """

    set: str
    against: str
    references: int
    writers: int
    mated: int
    non_mated: int
    stated_fmr: float
    supported: bool
    fmr: Estimate
    fnmr: Estimate
    cllr: float
    cllr_min: float


@dataclass(frozen=True, slots=True)
class StatedGallery(_Recorded):
    """Searches in galleries of `writers` writers, by the calibration alone or by what each gallery
    shows of its own population (thresholds_from).

    fpir: strangers who are given a name; lowest, highest: in a single gallery; unknown: enrolled
    writers' signatures that no name is given; fnir: these and the ones given another's name;
    foretold: the share of unknown ones that the index itself foretells, None where it cannot; fmr:
    strangers' claims to be a writer that match at the stated FMR, missing where the calibration
    does not support that.
    """

    set: str
    thresholds_from: str
    writers: int
    references: int
    galleries: int
    strangers: int
    mated: int
    stated_fpir: float
    fpir: Estimate
    lowest: float
    highest: float
    unknown: Estimate
    fnir: Estimate
    foretold: float | None
    fmr: Estimate


@dataclass(frozen=True, slots=True)
class FewWriters(_Recorded):
    """Thresholds that rest on a few writers of a set, tried on its others: FMR and FNMR at the
    threshold that calibrations ask for, and the FMR at the one above which the stated share of the
    few writers' own comparisons lay."""

    set: str
    writers: int
    others: int
    references: int
    draws: int
    stated_fmr: float
    fmr: float
    fnmr: float
    fmr_as_seen: float


@dataclass(frozen=True, slots=True)
class CopiesFound(_Recorded):
    """Copies of references, made in one way, that the copy alarm notices."""

    set: str
    way: str
    copies: int
    found: Estimate


@dataclass(frozen=True, slots=True)
class FalseAlarms(_Recorded):
    """Pairs of a writer's different genuine signatures that pass for copies."""

    set: str
    pairs: int
    alarms: tuple[tuple[str, str], ...]

    def to_dict(self) -> dict[str, Any]:
        return {**record(self), "rate": len(self.alarms) / max(self.pairs, 1)}


@dataclass(frozen=True, slots=True)
class AuditFound(_Recorded):
    """Labels swapped between writers, and what the enrolment audit says of those references
    (swapped_...) and of all others (others_...)."""

    set: str
    references: int
    swapped: int
    swapped_mislabelled: int
    swapped_inconsistent: int
    others_mislabelled: int
    others_inconsistent: int


@dataclass(frozen=True, slots=True)
class VerdictsGiven(_Recorded):
    """Verdicts on signatures of one kind (genuine, skilled, stranger) by `verify` or `query`
    (question). below_strength: accepted with less than the stated strength; suspected_copies: among
    all; named_another: accepted as somebody else's than whom they were presented as."""

    set: str
    question: str
    kind: str
    references: int
    writers: int
    asked: int
    accepted: int
    review: int
    rejected: int
    below_strength: int
    suspected_copies: int
    named_another: int


@dataclass(frozen=True, slots=True)
class StrengthCost(_Recorded):
    """Shares of genuine signatures and of imitations that match, and that do not, at the default
    rates and a strength."""

    set: str
    references: int
    strength: float
    genuine_match: float
    genuine_non_match: float
    skilled_match: float
    skilled_non_match: float


@dataclass(frozen=True, slots=True)
class StatedRates(_Recorded):
    """All of it; a part that a set is too small for is missing, and `notes` say so."""

    verification: tuple[StatedVerification, ...]
    galleries: tuple[StatedGallery, ...]
    few_writers: tuple[FewWriters, ...]
    copies: tuple[CopiesFound, ...]
    false_alarms: tuple[FalseAlarms, ...]
    audit: tuple[AuditFound, ...]
    notes: tuple[str, ...]
