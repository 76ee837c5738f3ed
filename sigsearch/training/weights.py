"""The weights that a distribution of its own brings (`weights/` in the repository)."""

from __future__ import annotations

from pathlib import Path

from sigsearch.encoder.card import ModelCard
from sigsearch.encoder.encoder import shipped_folder
from sigsearch.errors import ExtraMissing
from sigsearch.models.folder import ModelFolder
from sigsearch.training.encoder.export import WEIGHTS


def shipped_weights() -> Path:
    """Those of the encoder that ships, as safetensors, to go on training from.

    Raises:
        ExtraMissing: the package sigsearch-weights is not installed.
        EncoderError: it is that of another encoder, or was altered.
    """
    try:
        import sigsearch_weights
    except ModuleNotFoundError:
        raise ExtraMissing(
            "this needs the encoder's weights: pip install 'sigsearch[train]' (in a checkout: pip "
            "install ./weights)"
        ) from None
    listed = ModelCard.load(shipped_folder()).files
    remedy = "install the sigsearch-weights that this version of sigsearch asks for"
    ModelFolder(sigsearch_weights.FOLDER, listed, remedy=remedy).read(WEIGHTS)
    return sigsearch_weights.FOLDER / WEIGHTS
