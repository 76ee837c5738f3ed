"""One questioned signature looked for among the writers of an index, at a second posture where it
is nobody's at the first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from sigsearch.encoder import Embeddings
from sigsearch.engine.judge import Judge, Rates
from sigsearch.engine.second_look import LEAST_GAIN, Postures
from sigsearch.engine.verdict import Search
from sigsearch.imaging.postures import Posture
from sigsearch.matching.decision import Decision
from sigsearch.matching.gallery import GalleryDecision, Standing
from sigsearch.matching.strength import DEFAULT_STRENGTH

_FEW = 3  # candidates that a posture is judged by


@dataclass(frozen=True, slots=True)
class Found:
    """The candidates of one search, weighed: names and how many references each has, among how many
    writers they were found; handicap: the questioned signature's."""

    names: Sequence[str]
    counts: Sequence[int]
    writers: int
    decided: GalleryDecision
    handicap: float

    @classmethod
    def weighed(
        cls,
        judge: Judge,
        reading: Embeddings,
        fpir: float,
        names: Sequence[str],
        scores: Sequence[float],
        counts: Sequence[int],
        writers: int,
    ) -> Found:
        handicap = judge.handicap(reading)
        decided = judge.identify(scores, counts, writers, fpir, handicap)
        return cls(names, counts, writers, decided, handicap)

    @property
    def identified(self) -> bool:
        return self.decided.decision == "identified"

    @property
    def ranked(self) -> list[tuple[str, int, Standing]]:
        """Names, numbers of references and standings, best first."""
        order = zip(self.decided.order, self.decided.standings, strict=True)
        return [(self.names[at], self.counts[at], standing) for at, standing in order]

    @property
    def excess(self) -> float:
        """By how much the best candidate exceeds its threshold; below 0 where it does not."""
        if not self.decided.standings:
            return -np.inf
        best = self.decided.standings[0]
        return best.score - best.threshold

    def glances(self, judge: Judge, rates: Rates | None) -> list[Decision | None]:
        """What a verification of each candidate says at the first look, best first; at `rates`, or
        the nearest to the default that the calibration supports. None where it supports none."""
        return [self._glance(judge, rates, count, standing) for _, count, standing in self.ranked]

    def may_be(self, judge: Judge) -> bool:
        """Whether the best candidate would not be turned away by a verification."""
        best = self.ranked[:1]
        return any(self._glance(judge, None, n, standing) != "non_match" for _, n, standing in best)

    def search(self, judge: Judge, rates: Rates | None, identified: bool) -> Search:
        """What the candidates behind the best one, and the search, mean for the verdict."""
        others = list(zip(self.decided.standings, self.glances(judge, rates), strict=True))[1:]
        return Search(
            identified,
            others_match=any(one.reached and glance == "match" for one, glance in others),
            others_near=any(
                one.reached or glance in ("match", "inconclusive") for one, glance in others
            ),
        )

    def _glance(
        self, judge: Judge, rates: Rates | None, references: int, standing: Standing
    ) -> Decision | None:
        chosen = rates or judge.nearest_rates(DEFAULT_STRENGTH, references)
        if chosen is None:
            return None
        return judge.decide(standing.score, references, chosen, self.handicap).decision


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
