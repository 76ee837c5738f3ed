"""A verification with all that it rests on, so that a report shows what the verdict used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sigsearch.encoder import Embeddings
from sigsearch.engine.judge import Judge
from sigsearch.engine.results import ReferenceScore, Verification
from sigsearch.engine.verdict import verdict_of
from sigsearch.engine.weighing import Weighed
from sigsearch.imaging import Signature
from sigsearch.matching.strength import COPY_UNWEIGHED, UNWEIGHED


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
    judged, pairs = weighed.judged, weighed.pairs
    references = tuple(map(ReferenceScore, sources, pairs))
    whom = writer or ("the reference" if len(sources) == 1 else "the references")
    reasons, capped_by = weighed.reasons, weighed.capped_by
    evidence = judged.evidence
    if suspected_copy:
        evidence = evidence.unweighed(COPY_UNWEIGHED)
    elif capped_by:
        evidence = evidence.unweighed(UNWEIGHED)
    return Verification(
        questioned=questioned.name,
        writer=writer,
        verdict=verdict_of(
            judged.decision, judged.evidence, reasons, capped_by, suspected_copy, whom
        ),
        decision=judged.decision,
        score=judged.score,
        threshold=judged.threshold,
        references=references,
        best_reference=max(references, key=lambda reference: reference.score).source,
        evidence=evidence,
        suspected_copy=suspected_copy,
        model=model,
        warnings=questioned.warnings,
        reasons=reasons,
        capped_by=capped_by,
        page=questioned.page,
        box=questioned.region,
    )
