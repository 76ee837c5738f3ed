"""Encoders, baselines and peers that can be evaluated, by name."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import cast

from sigsearch.errors import DatasetError
from sigsearch.evaluation.scorers.trivial import trivial_scorers
from sigsearch.trials.scorer import Features, Scorer

__all__ = ["PEERS", "Features", "Scorer", "make_scorer", "trivial_scorers"]

SHIPPED = "sigsearch"
SHIPPED_GLOBAL = "sigsearch-global"
PEERS = (SHIPPED_GLOBAL, "ssim", "hog", "orb", "sift")


def make_scorer(name: str) -> Scorer:
    """A scorer by name: `sigsearch` (the shipped encoder), `sigsearch-global` (its global vector
    alone), `ssim`, `hog`, `orb`, `sift`; the folder of another encoder; or `module:factory`, a
    callable of one's own that returns a Scorer.

    Raises DatasetError for another name and EncoderError when an encoder cannot be opened.
    """
    if name == "ssim":
        from sigsearch.evaluation.scorers.peers.ssim import Ssim

        return Ssim()
    if name == "hog":
        from sigsearch.evaluation.scorers.peers.hog import Hog

        return Hog()
    if name in ("orb", "sift"):
        from sigsearch.evaluation.scorers.peers.keypoints import Keypoints

        return Keypoints(name)
    if name in (SHIPPED, SHIPPED_GLOBAL) or Path(name).is_dir():
        return _encoder(name)
    if ":" in name:
        return _own(name)
    raise DatasetError(
        f"no encoder or peer {name!r}; known: {SHIPPED}, {', '.join(PEERS)}, "
        "the folder of an encoder, or module:factory"
    )


def _encoder(name: str) -> Scorer:
    from sigsearch.encoder import Encoder
    from sigsearch.trials.encoder_scorer import EncoderScorer

    if name in (SHIPPED, SHIPPED_GLOBAL):
        return EncoderScorer(Encoder.load(), local=name == SHIPPED)
    encoder = Encoder.load(Path(name))
    return EncoderScorer(encoder, local=encoder.matcher_path.is_file(), name=encoder.card.id)


def _own(name: str) -> Scorer:
    module, _, attribute = name.partition(":")
    try:
        factory = cast("Callable[[], Scorer]", getattr(importlib.import_module(module), attribute))
    except (ImportError, AttributeError) as error:
        raise DatasetError(f"{name}: cannot be imported ({error})") from error
    return factory()
