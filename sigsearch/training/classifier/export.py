"""A trained classifier -> the folder that `sigsearch classify` opens: ONNX, card, hashes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sigsearch.classifier.card import NETWORK, SEEN, ClassifierCard
from sigsearch.imaging import CANVAS_SHAPE, PREPROCESSING_VERSION
from sigsearch.models.folder import hashes_of
from sigsearch.training.classifier.data import ClassifierData
from sigsearch.training.classifier.network import ClassifierNetwork, Deployed
from sigsearch.training.onnx_file import write_onnx


def export_classifier(
    network: ClassifierNetwork, data: ClassifierData, folder: Path, **training: Any
) -> ClassifierCard:
    """Write the model to `folder`; `training` is kept in the card."""
    folder.mkdir(parents=True, exist_ok=True)
    write_onnx(Deployed(network).eval(), folder / NETWORK, ["probabilities"])
    (folder / SEEN).write_text(json.dumps(data.seen) + "\n", encoding="utf-8")
    files = hashes_of(folder, (NETWORK, SEEN))
    card = ClassifierCard(
        id=f"classifier-{len(data.writers)}-{files[NETWORK][:8]}",
        writers=data.writers,
        canvas_shape=CANVAS_SHAPE,
        preprocessing_version=PREPROCESSING_VERSION,
        files=files,
        training={"network": network.shape.to_dict(), **training},
    )
    card.save(folder)
    return card
