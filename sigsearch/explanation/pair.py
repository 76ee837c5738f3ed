"""The regions that made two signatures alike or different."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sigsearch.encoder import Encoder
from sigsearch.engine.judge import Judge
from sigsearch.imaging import Signature
from sigsearch.report.regions import extremes, region_evidence
from sigsearch.schema import Jsonable, places

Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class PairRegions(Jsonable):
    """score: of the pair, higher = closer; grid: rows and columns of places on each canvas; alike
    and different: the (row, column) of the places on the first signature that speak loudest;
    evidence: float (rows, columns) over each signature's canvas, in -1 (differs) .. 1 (alike),
    against the pair's own mean, 0 where there is no ink."""

    score: float
    grid: Place
    alike: tuple[Place, ...]
    different: tuple[Place, ...]
    evidence: tuple[NDArray[np.float64], NDArray[np.float64]] = field(metadata=places(3))
    model: str


def compare_regions(a: Signature, b: Signature, encoder: Encoder, judge: Judge) -> PairRegions:
    """How well each place of either signature is matched in the other."""
    readings = encoder.embed([a, b])
    there, _ = region_evidence(readings[0], readings[1], judge.matcher)
    back, _ = region_evidence(readings[1], readings[0], judge.matcher)
    different, alike = extremes(there)
    return PairRegions(
        score=float(judge.pair_scores(readings[0], readings[1])[0, 0]),
        grid=(there.shape[0], there.shape[1]),
        alike=tuple(alike),
        different=tuple(different),
        evidence=(there, back),
        model=encoder.card.id,
    )
