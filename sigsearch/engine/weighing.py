"""One questioned signature weighed against one writer's references: the first look, the second
where that does not fit, and what the image itself forbids to say."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sigsearch.encoder import Embeddings
from sigsearch.engine.judge import Judge, Rates
from sigsearch.engine.second_look import Postures, second_look
from sigsearch.imaging import Signature
from sigsearch.imaging.fingerprint import fingerprint
from sigsearch.imaging.strikes import struck_through
from sigsearch.matching.decision import Judged, reaches
from sigsearch.matching.reasons import Reason, capped, reasons_for

Scores = Callable[[Embeddings], tuple[NDArray[np.float64], NDArray[np.float32]]]
"""Readings (n) -> fused scores (n,) against the references, and those of the pairs (n, R)."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """signature: as it was compared; judged: with the decision that the reasons leave; pairs: the
    scores of the pairs; reasons: all that was noticed; capped_by: the codes of those that forbade
    a firm decision."""

    signature: Signature
    judged: Judged
    pairs: tuple[float, ...]
    reasons: tuple[Reason, ...]
    capped_by: tuple[str, ...]


def reasons_about(signature: Signature, codes: Iterable[str]) -> tuple[Reason, ...]:
    """The reasons of these codes, each once, with what the image itself says of them."""
    known = reasons_for(dict.fromkeys(codes))
    pages = f"page {signature.page} of the file's {signature.pages} was read"
    return tuple(replace(r, text=pages) if r.code == "several_pages" else r for r in known)


def weigh(
    postures: Postures,
    judge: Judge,
    rates: Rates,
    scores: Scores,
    prints: Iterable[bytes],
) -> Weighed:
    """`prints`: the fingerprints of the references, as far as they were kept. Raises
    CalibrationError for rates beyond the data."""
    signature, questioned = postures.signature, postures.reading
    fused, pairs = scores(questioned)
    references, handicap = pairs.shape[1], judge.handicap(questioned)
    judged = judge.decide(float(fused[0]), references, rates, handicap)
    codes, shown = list(signature.warnings), pairs[0]
    if judged.decision == "non_match":
        reject_below = judged.evidence.reject_below
        look = second_look(postures, lambda r: scores(r)[0], judged.score, reject_below)
        if look is not None:
            codes.append(look.reason)
            if look.posture is not None and reaches(look.score, judged.threshold):
                signature = look.posture.signature
                judged = judge.decide(look.score, references, rates, judge.handicap(look.reading))
                shown = scores(look.reading)[1][0]
    if "struck_through" not in codes and struck_through(fingerprint(signature), prints):
        codes.append("struck_through")
    reasons = reasons_about(signature, [*codes, *judge.notes])
    decision, capped_by = capped(judged.decision, reasons)
    firm = replace(judged, decision=decision)
    return Weighed(signature, firm, tuple(shown.tolist()), reasons, capped_by)
