"""The sigsearch encoder as a scorer: pair scores and fusion exactly as verification uses them."""

from __future__ import annotations

from collections.abc import Sequence

from sigsearch.encoder import Embeddings, Encoder
from sigsearch.evaluation.scorers.protocol import Features, Scores, mean_score
from sigsearch.imaging import Signature
from sigsearch.matching.local import LocalMatcher
from sigsearch.matching.similarity import global_similarity, pair_scores


class EncoderScorer:
    """Both readings, or (`local=False`) the global vectors alone, as a vector search sees them."""

    def __init__(self, encoder: Encoder, local: bool = True) -> None:
        self._encoder = encoder
        self._matcher = LocalMatcher.load(encoder.matcher_path) if local else None
        self.name = "sigsearch" if local else "sigsearch, global vector"
        self.id = f"{encoder.card.id}-{encoder.card.preprocessing_version}"

    def prepare(self, signatures: Sequence[Signature]) -> Features:
        found = self._encoder.embed(signatures)
        return {"vectors": found.vectors, "tokens": found.tokens, "weights": found.weights}

    def compare(self, questioned: Features, references: Features) -> Scores:
        a, b = Embeddings(**questioned), Embeddings(**references)
        if self._matcher is None:
            return global_similarity(a, b)
        return pair_scores(a, b, self._matcher)

    def screen(self, questioned: Features, references: Features) -> Scores | None:
        if self._matcher is None:
            return None
        return global_similarity(Embeddings(**questioned), Embeddings(**references))

    def fuse(self, questioned: Scores, own: Scores) -> Scores:
        return mean_score(questioned, own)
