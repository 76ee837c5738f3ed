"""Identification that knows how many writers are enrolled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from sigsearch.matching.calibration import CalibrationSet
from sigsearch.matching.decision import reaches
from sigsearch.matching.thresholds import check_rate

DEFAULT_FPIR = 0.01


@dataclass(frozen=True, slots=True)
class Standing:
    """One candidate weighed: score (fused), threshold (for its number of references in this
    gallery), llr (log10, bounded, against somebody else's signature), reached."""

    score: float
    threshold: float
    llr: float
    reached: bool


@dataclass(frozen=True, slots=True)
class GalleryVerdict:
    """The answer to "whose is it?": `identified` when the best candidate reaches its threshold.

    order: candidates best first, as positions in the input; standings: in that order; fmr: the
    false match rate of one comparison that gives `fpir` over all `writers`; extrapolated: whether
    it lies beyond what the calibration set shows.
    """

    decision: Literal["identified", "unknown"]
    order: tuple[int, ...]
    standings: tuple[Standing, ...]
    fpir: float
    fmr: float
    writers: int
    extrapolated: bool

    def to_dict(self) -> dict[str, Any]:
        return {
            "decision": self.decision,
            "fpir": self.fpir,
            "fmr": self.fmr,
            "writers": self.writers,
            "extrapolated": self.extrapolated,
        }


def per_comparison_fmr(fpir: float, writers: int) -> float:
    """The false match rate at which `writers` comparisons together give `fpir`
    (ISO/IEC 19795-1: FPIR = 1 - (1 - FMR) ** N)."""
    check_rate(fpir)
    return float(-np.expm1(np.log1p(-fpir) / max(writers, 1)))


def identify(
    scores: Sequence[float],
    references: Sequence[int],
    writers: int,
    calibrations: CalibrationSet,
    fpir: float = DEFAULT_FPIR,
) -> GalleryVerdict:
    """Weigh the candidates of one questioned signature in a gallery of `writers` writers.

    scores: fused score of each candidate; references: how many each has. Candidates are ordered
    by unbounded likelihood ratio, since scores of unlike numbers of references do not compare.
    """
    fmr = per_comparison_fmr(fpir, writers)
    chosen = [calibrations.choose("random", n) for n in references]
    weight = [float(c.unbounded_llr(s)) for c, s in zip(chosen, scores, strict=True)]
    order = sorted(range(len(weight)), key=lambda i: -weight[i])
    standings = []
    for i in order:
        threshold = chosen[i].rates.threshold_at_fmr(fmr)
        llr, reached = float(chosen[i].llr(scores[i])), reaches(scores[i], threshold)
        standings.append(Standing(float(scores[i]), threshold, llr, reached))
    return GalleryVerdict(
        decision="identified" if standings and standings[0].reached else "unknown",
        order=tuple(order),
        standings=tuple(standings),
        fpir=fpir,
        fmr=fmr,
        writers=writers,
        extrapolated=any(not c.rates.supports_fmr(fmr) for c in chosen),
    )
