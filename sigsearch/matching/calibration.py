"""A fused score -> a likelihood ratio, by what was seen on calibration writers.

A calibration belongs to a proposition (what the signature is if it is not the writer's: a skilled
forgery, somebody else's signature, or either), to a number of references and to a named population.
It never claims more evidence than its comparisons support.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, ClassVar, get_args

import numpy as np
from numpy.typing import ArrayLike

from sigsearch.arrays import Floats
from sigsearch.errors import CalibrationError
from sigsearch.matching.fusion import FusionWeights
from sigsearch.matching.rates import RateTable, check_rate, rarer
from sigsearch.schema import Jsonable, Proposition

PROPOSITIONS: tuple[Proposition, ...] = get_args(Proposition)
REFERENCE_NUMBERS = (1, 2, 3, 5, 8)
FORMAT = 1


_STORED = {
    "calibrated_on": "population",
    "reference_count": "references",
    "writer_count": "writers",
}
"""What calibration files call these fields."""


@dataclass(frozen=True, slots=True)
class CalibrationSummary(Jsonable):
    """log10 LR = slope * score + offset, kept within `lower`..`upper` (log10 LR).

    calibrated_on: where the comparisons came from; reference_count: how many each writer had;
    writer_count: on how many it was fitted; mated, non_mated: how many pairs of a questioned
    signature and a writer, however often references were drawn for them.
    """

    decimals: ClassVar[int | None] = None

    calibrated_on: str
    proposition: Proposition
    reference_count: int
    slope: float
    offset: float
    lower: float
    upper: float
    writer_count: int
    mated: int
    non_mated: int


@dataclass(frozen=True, slots=True)
class Calibration(CalibrationSummary):
    """With the error rates at every threshold."""

    rates: RateTable

    def llr(self, scores: ArrayLike) -> Floats:
        """log10 likelihood ratios, bounded."""
        bounded: Floats = np.clip(self.unbounded_llr(scores), self.lower, self.upper)
        return bounded

    def threshold_at_fmr(self, rate: float) -> float:
        """The threshold at which a false match rate of `rate` is to be expected among others of
        the population; at it, fewer were observed on the calibration writers.

        Of imitations nothing is added to what was observed: those of one writer differ among
        themselves, so few writers show more of them (docs/research/2026-11-28-decisions.md).
        """
        check_rate(rate)
        rarity = -float(np.log(rate))
        if self.proposition == "random":
            rarity = rarer(rarity, self.writer_count)
        return self.rates.threshold_at_rarity(rarity)

    def score_at_llr(self, llr: float) -> float:
        """The score of a log10 likelihood ratio; beyond the bounds it is extrapolation."""
        return (llr - self.offset) / self.slope

    def unbounded_llr(self, scores: ArrayLike) -> Floats:
        """For ranking only: beyond the bounds it is extrapolation."""
        return self.slope * np.asarray(scores, np.float64) + self.offset

    def _must_make_sense(self) -> None:
        """Raises CalibrationError for numbers that no comparisons can have given."""
        line = (self.slope, self.offset, self.lower, self.upper)
        counts = (self.reference_count, self.writer_count, self.mated, self.non_mated)
        if not np.isfinite(line).all() or min(counts) < 1:
            raise CalibrationError("a calibration holds what is not a number, or a count below 1")
        # With n comparisons nothing is known beyond one in n (`calibration.bounds`); the counts are
        # of pairs, and references may have been drawn ten times for each.
        most = np.log10([self.mated + 1, self.non_mated + 1]) + 1
        if self.lower > self.upper or -self.lower > most[0] or self.upper > most[1]:
            raise CalibrationError(
                f"a calibration claims likelihood ratios of 1e{self.upper:.3g} from "
                f"{self.non_mated} comparisons, or of 1e{self.lower:.3g} from {self.mated}"
            )

    def summary(self) -> CalibrationSummary:
        """What a result or a report tells of the calibration."""
        return CalibrationSummary(*(getattr(self, f.name) for f in fields(CalibrationSummary)))

    def facts(self) -> dict[str, Any]:
        """The summary as files have it."""
        return {_STORED.get(name, name): value for name, value in self.summary().to_dict().items()}

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Calibration:
        """The counterpart of `CalibrationSet.to_dict`'s entries. Raises CalibrationError."""
        kinds: dict[str, Any] = {"calibrated_on": str, "proposition": str, "reference_count": int}
        kinds |= dict.fromkeys(("slope", "offset", "lower", "upper"), float)
        kinds |= dict.fromkeys(("writer_count", "mated", "non_mated"), int)
        try:
            values = {name: kind(document[_STORED.get(name, name)]) for name, kind in kinds.items()}
            calibration = cls(**values, rates=RateTable.from_dict(document["rates"]))
        except (KeyError, TypeError, ValueError) as fault:
            raise CalibrationError(f"a calibration cannot be read ({fault})") from None
        if calibration.proposition not in PROPOSITIONS or not calibration.slope > 0:
            raise CalibrationError("a calibration needs a known proposition and a rising slope")
        calibration._must_make_sense()
        return calibration


@dataclass(frozen=True, slots=True)
class CalibrationSet:
    """Everything that turns pair scores into answers, for one encoder.

    searches: against random forgeries with several references, by `FusionWeights.for_search`, for
    an index that has measured its own population; elsewhere these thresholds let more strangers
    through; empty where there is no head, or was fitted before searches had any.
    """

    calibrated_on: str
    encoder: str
    fusion: FusionWeights
    calibrations: tuple[Calibration, ...]
    searches: tuple[Calibration, ...] = ()

    def choose(self, proposition: Proposition, references: int) -> Calibration:
        """The calibration for a writer with `references` references: the nearest lower number.

        Raises CalibrationError when there is none for the proposition.
        """
        known = [c for c in self.calibrations if c.proposition == proposition]
        if not known:
            had = ", ".join(sorted({c.proposition for c in self.calibrations})) or "none"
            raise CalibrationError(
                f"the calibration {self.calibrated_on!r} has nothing against {proposition!r} "
                f"(it has: {had}); calibrate on data with such comparisons"
            )
        return _nearest(known, references)

    def choose_for_search(self, references: int) -> Calibration:
        """The calibration by which a search weighs a writer with `references` references.

        Raises CalibrationError when there is none against random forgeries.
        """
        if self.searches and references > 1:
            return _nearest(self.searches, references)
        return self.choose("random", references)

    def search_fusion(self, references: int) -> FusionWeights:
        """The weights by which a search fuses, as `choose_for_search` expects it."""
        if self.searches and references > 1:
            return self.fusion.for_search()
        return self.fusion

    @property
    def identity(self) -> str:
        """Tells whether a score means the same by two calibration sets; sixteen hex digits."""
        every = (*self.calibrations, *self.searches)
        facts = [self.encoder, self.fusion.to_dict(), *(c.facts() for c in every)]
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]

    def to_dict(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "population": self.calibrated_on,
            "encoder": self.encoder,
            "fusion": self.fusion.to_dict(),
            "calibrations": [_document(c) for c in self.calibrations],
            "searches": [_document(c) for c in self.searches],
        }

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> CalibrationSet:
        """Raises CalibrationError when the document is of another format or damaged."""
        if document.get("format") != FORMAT:
            raise CalibrationError(
                f"a calibration of format {FORMAT} is expected, not {document.get('format')!r}; "
                "calibrate again with this version"
            )
        try:
            return cls(
                calibrated_on=str(document["population"]),
                encoder=str(document["encoder"]),
                fusion=FusionWeights.from_dict(document["fusion"]),
                calibrations=tuple(Calibration.from_dict(c) for c in document["calibrations"]),
                searches=tuple(Calibration.from_dict(c) for c in document.get("searches", ())),
            )
        except (KeyError, TypeError) as fault:
            raise CalibrationError(f"a calibration set cannot be read ({fault})") from None

    @classmethod
    def load(cls, path: Path) -> CalibrationSet:
        """Read a JSON file. Raises CalibrationError naming it when it cannot be used."""
        try:
            return cls.parse(path.read_bytes(), path)
        except OSError as fault:
            raise CalibrationError(f"{path}: not a calibration ({fault})") from None

    @classmethod
    def parse(cls, data: bytes, path: Path) -> CalibrationSet:
        """The set in `data`, the contents of the file `path`. Raises CalibrationError likewise."""
        try:
            return cls.from_dict(json.loads(data))
        except (ValueError, AttributeError, TypeError, RecursionError) as fault:
            raise CalibrationError(f"{path}: not a calibration ({fault})") from None
        except CalibrationError as fault:
            raise CalibrationError(f"{path}: {fault}") from None

    def save(self, path: Path) -> None:
        path.write_text(json.dumps(self.to_dict(), indent=None) + "\n", encoding="utf-8")


def _nearest(known: Sequence[Calibration], references: int) -> Calibration:
    """That for the nearest lower number of references, or for the lowest."""
    below = [c for c in known if c.reference_count <= references]
    if below:
        return max(below, key=lambda c: c.reference_count)
    return min(known, key=lambda c: c.reference_count)


def _document(calibration: Calibration) -> dict[str, Any]:
    return {**calibration.facts(), "rates": calibration.rates.to_dict()}
