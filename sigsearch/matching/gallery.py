"""Identification that knows how many writers are enrolled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from sigsearch.matching.calibration import Calibration, CalibrationSet
from sigsearch.matching.decision import reaches
from sigsearch.matching.population import Population, rate_of
from sigsearch.matching.rates import check_rate
from sigsearch.matching.rivals import crowding

DEFAULT_FPIR = 0.01


@dataclass(frozen=True, slots=True)
class Standing:
    """One candidate weighed: score (fused), threshold (for its number of references in this
    gallery), llr (log10, bounded, against somebody else's signature), reached; raised: by how much
    the threshold is higher because others come near too."""

    score: float
    threshold: float
    llr: float
    reached: bool
    raised: float = 0.0


@dataclass(frozen=True, slots=True)
class GalleryDecision:
    """The answer to "whose is it?": `identified` when the best candidate reaches its threshold.

    order: candidates best first, as positions in the input; standings: in that order; fmr: the
    false match rate of one comparison, by the calibration, that gives `fpir` over all writers, were
    it not for what others raise; extrapolated: whether it lies beyond what was observed;
    threshold_from: among whose writers `fpir` is meant; fnir: the share of signatures by enrolled
    writers that would stay unknown, None where the index has not measured itself.
    """

    decision: Literal["identified", "unknown"]
    order: tuple[int, ...]
    standings: tuple[Standing, ...]
    fpir: float
    fmr: float
    writer_count: int
    extrapolated: bool
    threshold_from: str
    fnir: float | None = None


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
    population: Population | None = None,
    handicap: float = 0.0,
) -> GalleryDecision:
    """Weigh the candidates of one questioned signature in a gallery of `writers` writers.

    scores: fused score of each candidate; references: how many each has; population: what the
    gallery shows of its own writers; then scores are as searches fuse, and a candidate also has to
    come nearer than the others do (`matching.rivals`). Without one, scores are as verifications
    fuse, writers are taken to be like the calibration's, and thresholds are raised by the
    signature's `handicap` (as in `decide`).
    """
    by_number = {
        n: calibrations.choose_for_search(n) if population else calibrations.choose("random", n)
        for n in set(references)
    }
    chosen = [by_number[n] for n in references]
    if population is None:
        fmr = per_comparison_fmr(fpir, writers)
        level = thresholds = [c.threshold_at_fmr(fmr) + handicap for c in chosen]
        extrapolated, fnir = any(not c.rates.supports_fmr(fmr) for c in chosen), None
    else:
        rarity = population.rarity_for_fpir(fpir, writers)
        fmr, fnir = rate_of(rarity), population.fnir(rarity)
        near = np.array([c.rates.rarity(s) for c, s in zip(chosen, scores, strict=True)])
        asked = rarity + crowding(near, population.rivals)
        level = [c.rates.threshold_at_rarity(rarity) for c in chosen]
        thresholds = [c.rates.threshold_at_rarity(r) for c, r in zip(chosen, asked, strict=True)]
        extrapolated = not population.supports_fpir(fpir)
    order = ranked(scores, chosen)
    standings = []
    for i in order:
        llr, reached = float(chosen[i].llr(scores[i] - handicap)), reaches(scores[i], thresholds[i])
        raised = thresholds[i] - level[i]
        standings.append(Standing(float(scores[i]), thresholds[i], llr, reached, raised))
    return GalleryDecision(
        decision="identified" if standings and standings[0].reached else "unknown",
        order=tuple(order),
        standings=tuple(standings),
        fpir=fpir,
        fmr=fmr,
        writer_count=writers,
        extrapolated=extrapolated,
        threshold_from=population.name if population else calibrations.calibrated_on,
        fnir=fnir,
    )


def ranked(scores: Sequence[float], calibrations: Sequence[Calibration]) -> list[int]:
    """Positions of candidates, best first, by unbounded likelihood ratio, since scores of unlike
    numbers of references do not compare; each with the calibration for its number."""
    weight = [float(c.unbounded_llr(s)) for c, s in zip(calibrations, scores, strict=True)]
    return sorted(range(len(weight)), key=lambda i: -weight[i])
