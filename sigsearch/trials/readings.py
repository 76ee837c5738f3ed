"""A dataset read by an encoder."""

from __future__ import annotations

from pathlib import Path

from sigsearch.datasets import Dataset, drop_copies
from sigsearch.encoder import Embeddings, Encoder
from sigsearch.matching.fusion import FusionWeights
from sigsearch.trials.encoder_scorer import EncoderScorer
from sigsearch.trials.features import FeatureCache, Progress, prepare


def read_embeddings(
    dataset: Dataset,
    encoder: Encoder,
    cache: Path | None = None,
    progress: Progress | None = None,
) -> tuple[Dataset, Embeddings]:
    """A dataset without copies and unreadable files, and the readings of its samples in order.

    `cache` keeps the readings between runs, by content and encoder.
    """
    unique = drop_copies(dataset)
    # Readings are not fused, and the encoder may have no calibration to take the weights from yet.
    scorer = EncoderScorer(encoder, fusion=FusionWeights())
    features, failed = prepare(unique.samples, [scorer], FeatureCache(cache), progress)
    return unique.without(failed), Embeddings(**features[0])
