"""One questioned signature looked for among the writers of an index, at a second posture where it
is nobody's at the first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sigsearch.encoder import Embeddings
from sigsearch.engine.judge import Judge, Rates, Scores
from sigsearch.engine.second_look import LEAST_GAIN, Postures
from sigsearch.engine.verdict import Search
from sigsearch.imaging.postures import Posture
from sigsearch.index.records import Reference
from sigsearch.matching.decision import Decision, three_way
from sigsearch.matching.gallery import GalleryDecision, Standing
from sigsearch.matching.strength import DEFAULT_STRENGTH

_FEW = 3  # candidates that a posture is judged by


@dataclass(frozen=True, slots=True)
class Nearest:
    """The writers whom the global reading found nearest to a questioned signature, with those of
    their references that were looked at, and among how many writers they were found."""

    references: Mapping[str, Sequence[Reference]]
    writer_count: int


@dataclass(frozen=True, slots=True)
class Contender:
    """One of the nearest writers, weighed by both readings: where it stands in the search, and the
    score that a verification would have."""

    writer: str
    references: Sequence[Reference]
    standing: Standing
    score: float


@dataclass(frozen=True, slots=True)
class Found:
    """What one search found: contenders, best first; writer_count: among how many writers they were
    found; handicap: the questioned signature's."""

    contenders: Sequence[Contender]
    writer_count: int
    decided: GalleryDecision
    handicap: float

    @classmethod
    def weighed(
        cls, judge: Judge, reading: Embeddings, fpir: float, nearest: Nearest,
        scores: Scores,
    ) -> Found:  # fmt: skip
        handicap, writers = judge.handicap(reading), nearest.writer_count
        held = list(nearest.references.items())
        counts = [len(references) for _, references in held]
        decided = judge.identify(scores, counts, writers, fpir, handicap)
        ranked = [
            Contender(*held[at], standing, scores.verified[at])
            for at, standing in zip(decided.order, decided.standings, strict=True)
        ]
        return cls(ranked, writers, decided, handicap)

    @property
    def identified(self) -> bool:
        return self.decided.decision == "identified"

    @property
    def excess(self) -> float:
        """By how much the best contender exceeds its threshold, below 0 where it does not, were
        nobody else near: a few candidates suffice to tell that."""
        if not self.decided.standings:
            return -np.inf
        best = self.decided.standings[0]
        return best.score - (best.threshold - best.raised)

    def rates(self, judge: Judge, asked: Rates | None) -> dict[int, Rates | None]:
        """By number of references, at what rates a contender is verified: those that are `asked`
        for, or the nearest to the default that the calibration supports. None where it supports
        none."""
        numbers = {len(one.references) for one in self.contenders}
        return {n: asked or judge.nearest_rates(DEFAULT_STRENGTH, n) for n in numbers}

    def glances(self, judge: Judge, rates: Mapping[int, Rates | None]) -> list[Decision | None]:
        """What a verification of each contender says at the first look; None without rates."""
        limits = {
            n: None if at is None else judge.limits(n, at, self.handicap) for n, at in rates.items()
        }
        known = [(limits[len(one.references)], one.score) for one in self.contenders]
        return [None if found is None else three_way(score, *found) for found, score in known]

    def may_be(self, judge: Judge) -> bool:
        """Whether the best contender would not be turned away by a verification."""
        best = self.glances(judge, self.rates(judge, None))[:1]
        return best not in ([], ["non_match"])

    def search(self, glances: Sequence[Decision | None], identified: bool) -> Search:
        """What the contenders behind the best one, and the search, mean for the verdict."""
        others = list(zip(self.decided.standings, glances, strict=True))[1:]
        return Search(
            identified,
            others_match=any(one.reached and glance == "match" for one, glance in others),
            others_near=any(
                one.reached or glance in ("match", "inconclusive") for one, glance in others
            ),
        )


Look = Callable[[Embeddings, int], Found]
"""A reading and how many candidates to weigh -> what was found."""


def look_for(
    postures: Postures, look: Look, candidates: int, judge: Judge
) -> tuple[Found, Posture | None]:
    """What is found at the posture that the image shows, or at the one that fits much better, and
    that."""
    first = look(postures.reading, candidates)
    if first.identified or not first.decided.standings:
        return first, None
    turned, readings = postures.whole
    excess = [look(readings[at], _FEW).excess for at in range(len(turned))]
    at = int(np.argmax(excess))
    if excess[at] < first.excess + LEAST_GAIN:
        return first, None
    second = look(readings[at], candidates)
    return (second, turned[at]) if second.may_be(judge) else (first, None)
