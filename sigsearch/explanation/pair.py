"""The regions that made two signatures alike or different."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from sigsearch.arrays import Floats
from sigsearch.encoder import Encoder
from sigsearch.engine.judge import Judge
from sigsearch.imaging import Signature
from sigsearch.report.regions import extremes, region_evidence

Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class PairRegions:
    """evidence: float (rows, columns) over each signature's canvas, in -1 (differs) .. 1 (alike),
    against the pair's own mean, 0 where there is no ink; alike and different: the (row, column) of
    the places on the first signature that speak loudest; score: of the pair, higher = closer."""

    score: float
    evidence: tuple[Floats, Floats]
    alike: tuple[Place, ...]
    different: tuple[Place, ...]
    model: str

    def to_dict(self) -> dict[str, Any]:
        return {
            "score": round(self.score, 4),
            "grid": list(self.evidence[0].shape),
            "alike": [list(place) for place in self.alike],
            "different": [list(place) for place in self.different],
            "evidence": [np.round(way, 3).tolist() for way in self.evidence],
            "model": self.model,
        }


def compare_regions(a: Signature, b: Signature, encoder: Encoder, judge: Judge) -> PairRegions:
    """How well each place of either signature is matched in the other."""
    readings = encoder.embed([a, b])
    there, _ = region_evidence(readings[0], readings[1], judge.matcher)
    back, _ = region_evidence(readings[1], readings[0], judge.matcher)
    different, alike = extremes(there)
    return PairRegions(
        score=float(judge.pair_scores(readings[0], readings[1])[0, 0]),
        evidence=(there, back),
        alike=tuple(alike),
        different=tuple(different),
        model=encoder.card.id,
    )
