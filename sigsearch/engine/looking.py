"""One questioned signature looked for among the writers of an index, at a second posture where it
is nobody's at the first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from sigsearch.encoder import Embeddings, Encoder
from sigsearch.engine.judge import Judge
from sigsearch.engine.results import Candidate
from sigsearch.engine.second_look import LEAST_GAIN
from sigsearch.imaging import Signature
from sigsearch.imaging.postures import Posture, tilts, whole_turns
from sigsearch.matching.gallery import GalleryVerdict
from sigsearch.matching.reasons import Reason, capped

_FEW = 3  # candidates that a posture is judged by


@dataclass(frozen=True, slots=True)
class Found:
    """The candidates of one search, weighed: names and how many references each has, among how many
    writers they were found."""

    names: Sequence[str]
    counts: Sequence[int]
    writers: int
    verdict: GalleryVerdict

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
        verdict = judge.identify(scores, counts, writers, fpir, judge.handicap(reading))
        return cls(names, counts, writers, verdict)

    @property
    def identified(self) -> bool:
        return self.verdict.decision == "identified"

    @property
    def best(self) -> str:
        """The best candidate, where there are any."""
        return self.names[self.verdict.order[0]]

    @property
    def excess(self) -> float:
        """By how much the best candidate exceeds its threshold; below 0 where it does not."""
        if not self.verdict.standings:
            return -np.inf
        best = self.verdict.standings[0]
        return best.score - best.threshold

    def may_be(self, judge: Judge) -> bool:
        """Whether the best candidate would not be turned away by a verification."""
        if not self.verdict.standings:
            return False
        best, at = self.verdict.standings[0], self.verdict.order[0]
        return judge.glance(best.score, self.counts[at]) != "non_match"

    def candidates(self, judge: Judge, k: int, reasons: Iterable[Reason]) -> tuple[Candidate, ...]:
        """The best `k`, with what a verification would say as far as the reasons allow it."""
        reasons, best = tuple(reasons), zip(self.verdict.order, self.verdict.standings, strict=True)
        found = []
        for rank, (at, standing) in enumerate(list(best)[:k], start=1):
            glance = judge.glance(standing.score, self.counts[at])
            found.append(
                Candidate(
                    writer=self.names[at],
                    rank=rank,
                    score=standing.score,
                    threshold=standing.threshold,
                    llr=standing.llr,
                    reference_count=self.counts[at],
                    verification=glance and capped(glance, reasons)[0],
                )
            )
        return tuple(found)


Look = Callable[[Embeddings, int], Found]
"""A reading and how many candidates to weigh -> what was found."""


def look_for(
    signature: Signature, encoder: Encoder, look: Look, candidates: int, judge: Judge
) -> tuple[Found, Posture | None]:
    """What is found at the posture that the image shows, or at the one that fits much better, and
    that."""
    first = look(encoder.embed([signature]), candidates)
    if first.identified or not first.verdict.standings:
        return first, None
    postures = [*whole_turns(signature), *tilts(signature)]
    readings = encoder.embed_canvases(np.stack([posture.signature.canvas for posture in postures]))
    excess = [look(readings[at], _FEW).excess for at in range(len(postures))]
    at = int(np.argmax(excess))
    if excess[at] < first.excess + LEAST_GAIN:
        return first, None
    second = look(readings[at], candidates)
    return (second, postures[at]) if second.may_be(judge) else (first, None)
