"""A verification with all that it rests on, so that a report shows what the verdict used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sigsearch.encoder import Embeddings
from sigsearch.engine.judge import Judge
from sigsearch.engine.results import ReferenceScore, Verification
from sigsearch.engine.weighing import Weighed
from sigsearch.imaging import Signature


@dataclass(frozen=True, slots=True)
class Examination:
    """reading: of the questioned signature, length one; readings and content_hashes (SHA-256): of
    the references, in the order of `answer.references`; judge: who weighed the scores."""

    answer: Verification
    questioned: Signature
    reading: Embeddings
    readings: Embeddings
    content_hashes: tuple[str, ...]
    judge: Judge


def verification(
    questioned: Signature,
    writer: str | None,
    weighed: Weighed,
    sources: Sequence[str],
    suspected_copy: str | None,
    model: str,
) -> Verification:
    """The answer that `weighed` gives; `sources` name the references, in the order of its pairs."""
    verdict, pairs = weighed.verdict, weighed.pairs
    references = tuple(map(ReferenceScore, sources, pairs))
    return Verification(
        questioned=questioned.name,
        writer=writer,
        decision=verdict.decision,
        score=verdict.score,
        threshold=verdict.threshold,
        references=references,
        best_reference=max(references, key=lambda reference: reference.score).source,
        evidence=verdict.evidence,
        suspected_copy=suspected_copy,
        model=model,
        warnings=questioned.warnings,
        reasons=weighed.reasons,
        capped_by=weighed.capped_by,
    )
