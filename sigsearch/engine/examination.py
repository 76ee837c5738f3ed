"""A verification with all that it rests on, so that a report shows what the verdict used."""

from __future__ import annotations

from dataclasses import dataclass

from sigsearch.encoder import Embeddings
from sigsearch.engine.judge import Judge
from sigsearch.engine.results import Verification
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
