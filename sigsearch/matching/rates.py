"""Error rates <-> thresholds, as observed on calibration writers, with intervals.

Thresholds are inclusive everywhere: a score equal to one reaches it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from sigsearch.arrays import Floats
from sigsearch.errors import CalibrationError
from sigsearch.schema import Jsonable

_ROUNDED = 2e-5  # what tables are rounded by in files
RAREST = 600.0  # minus the log of a rate: beyond it a rate is no longer a number


@dataclass(frozen=True, slots=True)
class Rate(Jsonable):
    """An observed error rate, 0..1, with its 95 % interval over writers."""

    rate: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, eq=False)
class RateTable:
    """FMR and FNMR (with intervals) at ascending thresholds, all (k,).

    least_fmr, least_fnmr: the smallest rates that the comparisons speak of (rule of three over
    `Comparisons.distinct`);
    tail: how much higher the threshold must be for e times fewer false matches, beyond the table.
    """

    thresholds: Floats
    fmr: Floats
    fmr_low: Floats
    fmr_high: Floats
    fnmr: Floats
    fnmr_low: Floats
    fnmr_high: Floats
    least_fmr: float
    least_fnmr: float
    tail: float

    def threshold_at_fmr(self, rate: float) -> float:
        """The threshold above which a share `rate` of the non-mated comparisons lies; below
        `least_fmr` it is extrapolated by an exponential tail (see `supports_fmr`)."""
        check_rate(rate)
        return self.threshold_at_rarity(-float(np.log(rate)))

    def threshold_at_rarity(self, rarity: float) -> float:
        """`threshold_at_fmr` for a rate given as minus its log."""
        logs, places = self._falling()
        if rarity <= logs[-1]:
            return float(np.interp(rarity, logs, places))
        return float(places[-1] + self.tail * (rarity - logs[-1]))

    def rarity(self, score: float) -> float:
        """How rare a score is among the non-mated: minus the log of the false match rate at it;
        the counterpart of `threshold_at_rarity`, with the same tail."""
        logs, places = self._falling()
        if score <= places[-1] or self.tail <= 0:
            return float(np.interp(score, places, logs))
        return float(logs[-1] + (score - places[-1]) / self.tail)

    def _falling(self) -> tuple[Floats, Floats]:
        """Minus the logs of the rates that are known, ascending, and their thresholds."""
        known = self.fmr >= max(self.least_fmr, 1e-12)
        return -np.log(self.fmr[known]), self.thresholds[known]

    def threshold_at_fnmr(self, rate: float) -> float:
        """The threshold below which a share `rate` of the mated comparisons lies."""
        check_rate(rate)
        return float(np.interp(rate, self.fnmr, self.thresholds))

    def supports_fmr(self, rate: float) -> bool:
        """Whether the calibration set has enough comparisons to speak of this rate."""
        return rate >= self.least_fmr

    def fmr_at(self, threshold: float) -> Rate:
        return self._at(threshold, self.fmr, self.fmr_low, self.fmr_high)

    def fnmr_at(self, threshold: float) -> Rate:
        return self._at(threshold, self.fnmr, self.fnmr_low, self.fnmr_high)

    def _at(self, threshold: float, *columns: Floats) -> Rate:
        return Rate(*(float(np.interp(threshold, self.thresholds, c)) for c in columns))

    def to_dict(self) -> dict[str, Any]:
        plain = {f.name: getattr(self, f.name) for f in fields(self)}
        return {n: np.round(v, 5).tolist() if np.ndim(v) else v for n, v in plain.items()}

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> RateTable:
        values: dict[str, Any] = {
            f.name: np.asarray(document[f.name], np.float64)[()] for f in fields(cls)
        }
        table = cls(**values)
        shapes = {np.shape(v) for v in values.values()}
        if shapes != {(), (len(table.thresholds),)} or len(table.thresholds) < 2:
            raise CalibrationError("a rate table must have columns of one length")
        table._must_make_sense()
        return table

    def _must_make_sense(self) -> None:
        """Raises CalibrationError for what no comparisons can have shown."""
        rising = np.concatenate([np.diff(self.thresholds), -np.diff(self.fmr), np.diff(self.fnmr)])
        rates = np.concatenate(
            [self.fmr, self.fmr_low, self.fmr_high, self.fnmr, self.fnmr_low, self.fnmr_high]
        )
        numbers = [self.least_fmr, self.least_fnmr, self.tail]
        if not all(np.isfinite(part).all() for part in (self.thresholds, rates, numbers)):
            raise CalibrationError("a rate table holds a value that is not a number")
        if rising.min() < -_ROUNDED:
            raise CalibrationError("the thresholds or the rates of a rate table go up and down")
        if rates.min() < 0 or rates.max() > 1 or min(numbers) < 0 or not len(self._falling()[0]):
            raise CalibrationError("a rate table holds values that are not rates")


def rarer(rarity: float, writers: int) -> float:
    """How rare a false match must have been among so few writers to be expected among others as
    rarely as asked, both as minus the log of a rate.

    A threshold set by few writers is as often too low as too high, and where it is too low more is
    lost than is won elsewhere: on average it lets more than the stated share through. This is the
    predictive distribution of an exponential tail known from n observations, (1 + x / n) ** -n
    instead of exp(-x) (Geisser 1993).
    """
    return min(float(writers * np.expm1(rarity / writers)), RAREST)


def check_rate(rate: float) -> None:
    """Raises CalibrationError unless 0 < rate < 1."""
    if not 0 < rate < 1:
        raise CalibrationError(f"an error rate must lie between 0 and 1 (0.01 = 1 %), not {rate}")
