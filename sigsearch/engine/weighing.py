"""One questioned signature weighed against one writer's references: the first look, the second where
that does not fit, and what the image itself forbids to say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sigsearch.encoder import Embeddings, Encoder
from sigsearch.engine.judge import Judge, Rates
from sigsearch.engine.second_look import Look, second_look
from sigsearch.imaging import Signature
from sigsearch.matching.decision import Verdict, reaches
from sigsearch.matching.reasons import Reason, capped, reasons_for

Scores = Callable[[Embeddings], tuple[NDArray[np.float64], NDArray[np.float32]]]
"""Readings (n) -> fused scores (n,) against the references, and those of the pairs (n, R)."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """verdict: with the decision that the reasons leave; pairs: the scores of the pairs;
    reasons: all that was noticed; capped_by: the codes of those that forbade a firm decision."""

    verdict: Verdict
    pairs: tuple[float, ...]
    reasons: tuple[Reason, ...]
    capped_by: tuple[str, ...]


def weigh(
    signature: Signature,
    questioned: Embeddings,
    encoder: Encoder,
    judge: Judge,
    rates: Rates,
    scores: Scores,
) -> Weighed:
    """Raises CalibrationError for rates beyond the data."""
    fused, pairs = scores(questioned)
    references, handicap = pairs.shape[1], judge.handicap(questioned)
    verdict = judge.decide(float(fused[0]), references, rates, handicap)
    codes, shown = list(signature.warnings), pairs[0]
    if verdict.decision == "non_match":
        look = second_look(
            signature, encoder, lambda r: scores(r)[0], verdict.score, verdict.evidence.reject_below
        )
        if look is not None:
            codes.append(look.reason)
            if rights(look, verdict.threshold):
                verdict = judge.decide(look.score, references, rates, judge.handicap(look.reading))
                shown = scores(look.reading)[1][0]
    reasons = reasons_for(codes)
    decision, capped_by = capped(verdict.decision, reasons)
    return Weighed(replace(verdict, decision=decision), tuple(shown.tolist()), reasons, capped_by)


def rights(look: Look, threshold: float) -> bool:
    """Whether what was seen at a second look stands for the signature: the whole of it was seen,
    and it is a match."""
    return look.posture is not None and reaches(look.score, threshold)
