"""The sigsearch encoder as a scorer: pair scores and fusion exactly as verification uses them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from sigsearch.arrays import Singles
from sigsearch.encoder import Embeddings, Encoder
from sigsearch.engine.judge import CALIBRATION, calibration_of, matcher_of
from sigsearch.imaging import Signature
from sigsearch.matching.fusion import FusionWeights, fuse
from sigsearch.matching.similarity import global_similarity, likenesses
from sigsearch.trials.scorer import Features


class EncoderScorer:
    """Both readings, or (`local=False`) the global vectors alone, as a vector search sees them."""

    searches = True

    def __init__(
        self,
        encoder: Encoder,
        local: bool = True,
        name: str = "",
        fusion: FusionWeights | None = None,
    ) -> None:
        self._encoder = encoder
        self._matcher = matcher_of(encoder) if local else None
        self._fusion, self._search_fusion = (
            _fusions(encoder) if fusion is None else (fusion, fusion.for_search())
        )
        self.name = name or ("sigsearch" if local else "sigsearch, global vector")
        # The network's own hash: a new one under an old name must not find the old features.
        # The calibration changes no feature.
        hashes = (of for name, of in encoder.card.files.items() if name != CALIBRATION)
        content = "-".join(sorted(hashes))[:16]
        self.id = f"{encoder.card.id}-{encoder.card.preprocessing_version}-{content}"

    def prepare(self, signatures: Sequence[Signature]) -> Features:
        found = self._encoder.embed(signatures)
        return {"vectors": found.vectors, "tokens": found.tokens, "weights": found.weights}

    def compare(self, questioned: Features, references: Features) -> Singles:
        a, b = Embeddings(**questioned), Embeddings(**references)
        if self._matcher is None:
            return global_similarity(a, b)
        return likenesses(a, b, self._matcher)

    def screen(self, questioned: Features, references: Features) -> Singles | None:
        if self._matcher is None:
            return None
        return global_similarity(Embeddings(**questioned), Embeddings(**references))

    def fuse(self, questioned: Singles, own: Singles) -> Singles:
        fusion = self._fusion if self._matcher is not None else _without_head(self._fusion)
        return fuse(questioned, own, fusion).astype(np.float32)

    def fuse_for_search(self, questioned: Singles, own: Singles) -> Singles:
        """With several references as `CalibrationSet.search_fusion` has it."""
        if self._matcher is None or questioned.shape[1] < 2:
            return self.fuse(questioned, own)
        return fuse(questioned, own, self._search_fusion).astype(np.float32)


def _without_head(fusion: FusionWeights | None) -> FusionWeights | None:
    """Global vectors alone have no channels for a head to weigh."""
    return None if fusion is None else replace(fusion, head=None)


def _fusions(encoder: Encoder) -> tuple[FusionWeights | None, FusionWeights | None]:
    """The weights that ship with the encoder, of verifications and of searches; None when there are
    none."""
    if not (encoder.folder / CALIBRATION).is_file():
        return None, None
    kept = calibration_of(encoder)
    return kept.fusion, kept.search_fusion(2)
