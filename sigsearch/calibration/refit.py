"""Calibrate on one's own scans, without training; figures before, if there are any, and after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from sigsearch.calibration.fit import comparisons_of, fit_set, merge
from sigsearch.errors import CalibrationError
from sigsearch.matching.calibration import Calibration, CalibrationSet, CalibrationSummary
from sigsearch.matching.decision import refuse_unsupported
from sigsearch.metrics import Comparisons, cllr, rates_at
from sigsearch.schema import Jsonable, places
from sigsearch.trials.trial import Trial

_FOLDS = 5


@dataclass(frozen=True, slots=True)
class RateChange(Jsonable):
    """What a calibration does on the data it is for: the rates at the threshold of `fmr` and the
    cost Cllr of its likelihood ratios (0 perfect, 1 worthless), before and after.

    After: with calibrations fitted without the writers that they are tried on. Before: None where
    there was no calibration.
    """

    decimals: ClassVar[int | None] = 5

    proposition: str
    reference_count: int
    writer_count: int
    fmr_before: float | None
    fnmr_before: float | None
    cllr_before: float | None
    fmr_after: float
    fnmr_after: float
    cllr_after: float


@dataclass(frozen=True, slots=True)
class RefitReport(Jsonable):
    """What a calibration of one's own changes at the rate `fmr`, and which calibrations there are
    now."""

    fmr: float = field(metadata=places(None))
    changes: tuple[RateChange, ...]
    calibrations: tuple[CalibrationSummary, ...]


@dataclass(frozen=True, slots=True)
class Refit:
    """A calibration of one's own, and what it changes."""

    calibrations: CalibrationSet
    changes: tuple[RateChange, ...]
    fmr: float

    def report(self) -> RefitReport:
        summaries = tuple(c.summary() for c in self.calibrations.calibrations)
        return RefitReport(self.fmr, self.changes, summaries)


def refit(
    trials: Sequence[Trial], former: CalibrationSet, population: str, fmr: float, fnmr: float
) -> Refit:
    """Fit calibrations for what `trials` hold; the rest of `former`, and its fusion, is kept.

    Raises CalibrationError, with the reason, when writers or specimens are too few for the rates.
    """
    own = fit_set(trials, population, former.encoder, former.fusion)
    return Refit(merge(own, former), _changes(trials, own, former, fmr, fnmr), fmr)


def first_fit(
    trials: Sequence[Trial], encoder: str, population: str, fmr: float, fnmr: float
) -> Refit:
    """The same for the encoder of the id `encoder`, which has no calibration: the fusion is learned
    too. Raises CalibrationError likewise."""
    own = fit_set(trials, population, encoder)
    return Refit(own, _changes(trials, own, None, fmr, fnmr), fmr)


def _changes(
    trials: Sequence[Trial],
    own: CalibrationSet,
    former: CalibrationSet | None,
    fmr: float,
    fnmr: float,
) -> tuple[RateChange, ...]:
    for calibration in own.calibrations:
        refuse_unsupported(calibration, fmr, fnmr, strength=1.0)
    return tuple(_change(trials, own, former, c, fmr) for c in own.calibrations)


def _change(
    trials: Sequence[Trial],
    own: CalibrationSet,
    former: CalibrationSet | None,
    fitted: Calibration,
    fmr: float,
) -> RateChange:
    proposition, count = fitted.proposition, fitted.reference_count
    before: tuple[float | None, float | None, float | None] = (None, None, None)
    if former and proposition in {c.proposition for c in former.calibrations}:
        scores = comparisons_of(trials, proposition, count, former.fusion)
        before = _figures(former.choose(proposition, count), *scores, fmr)
    after = np.mean([_left_out(trials, own, fitted, fmr, fold) for fold in range(_FOLDS)], axis=0)
    return RateChange(proposition, count, fitted.writer_count, *before, *(float(v) for v in after))


def _left_out(
    trials: Sequence[Trial], own: CalibrationSet, fitted: Calibration, fmr: float, fold: int
) -> tuple[float, float, float]:
    """The figures of one fold's hands with the calibration of the other folds."""
    hands = sorted({(t.dataset, t.hand) for t in trials})
    mine = set(hands[fold::_FOLDS])
    inside = [t for t in trials if (t.dataset, t.hand) in mine]
    outside = [t for t in trials if (t.dataset, t.hand) not in mine]
    try:
        others = fit_set(outside, fitted.calibrated_on, own.encoder, own.fusion)
        calibration = others.choose(fitted.proposition, fitted.reference_count)
        scores = comparisons_of(inside, fitted.proposition, fitted.reference_count, own.fusion)
    except CalibrationError:
        # Too few writers to leave some out: the only figures are those of the fit itself.
        calibration = fitted
        scores = comparisons_of(trials, fitted.proposition, fitted.reference_count, own.fusion)
    return _figures(calibration, *scores, fmr)


def _figures(
    calibration: Calibration, mated: Comparisons, non_mated: Comparisons, fmr: float
) -> tuple[float, float, float]:
    accepted, missed = rates_at(calibration.threshold_at_fmr(fmr), mated, non_mated)
    llr = calibration.llr(mated.values), calibration.llr(non_mated.values)
    return accepted, missed, cllr(*llr, (mated.weights, non_mated.weights))
