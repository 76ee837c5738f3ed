"""Datasets -> trials, by an encoder."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from sigsearch.calibration.trials import DRAWS, Trial, try_writers
from sigsearch.datasets import Dataset, drop_copies
from sigsearch.encoder import Embeddings, Encoder
from sigsearch.matching.fusion import FusionWeights
from sigsearch.matching.local import LocalMatcher
from sigsearch.trials.drawing import Plan
from sigsearch.trials.encoder_scorer import EncoderScorer
from sigsearch.trials.features import FeatureCache, prepare

Progress = Callable[[str, int, int], None]


def read_trials(
    datasets: Iterable[Dataset],
    encoder: Encoder,
    plan: Plan = DRAWS,
    cache: Path | None = None,
    progress: Progress | None = None,
) -> list[Trial]:
    """The trials of every dataset's writers, pixel-identical copies and unreadable files left out.

    `cache` keeps the readings between runs, by content and encoder.
    """
    matcher = LocalMatcher.load(encoder.matcher_path)
    trials: list[Trial] = []
    for dataset in datasets:
        used, readings = read_embeddings(dataset, encoder, cache, progress)
        trials += try_writers(used, readings, matcher, plan)
    return trials


def read_embeddings(
    dataset: Dataset,
    encoder: Encoder,
    cache: Path | None = None,
    progress: Progress | None = None,
) -> tuple[Dataset, Embeddings]:
    """A dataset without copies and unreadable files, and the readings of its samples in order."""
    unique = drop_copies(dataset)
    # Readings are not fused, and the encoder may have no calibration to take the weights from yet.
    scorer = EncoderScorer(encoder, fusion=FusionWeights())
    features, failed = prepare(unique.samples, [scorer], FeatureCache(cache), progress)
    return unique.without(failed), Embeddings(**features[0])
