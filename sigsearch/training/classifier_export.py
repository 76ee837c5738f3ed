"""A trained classifier -> the folder that `sigsearch classify` opens: ONNX, card, hashes."""

from __future__ import annotations

import hashlib
import json
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from sigsearch.classifying.card import NETWORK, SEEN, ClassifierCard
from sigsearch.imaging import CANVAS_SHAPE, PREPROCESSING_VERSION
from sigsearch.training.classifier_data import ClassifierData
from sigsearch.training.classifier_network import ClassifierNetwork, Deployed


def export_classifier(
    network: ClassifierNetwork, data: ClassifierData, folder: Path, **training: Any
) -> ClassifierCard:
    """Write the model to `folder`; `training` is kept in the card."""
    folder.mkdir(parents=True, exist_ok=True)
    _write_onnx(Deployed(network).eval(), folder / NETWORK)
    (folder / SEEN).write_text(json.dumps(data.seen) + "\n", encoding="utf-8")
    files = {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in (NETWORK, SEEN)
    }
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


def _write_onnx(deployed: Deployed, path: Path) -> None:
    example = torch.zeros((2, 1, *CANVAS_SHAPE), dtype=torch.uint8)
    with _quiet():
        program = torch.onnx.export(
            deployed,
            (example,),
            input_names=["canvases"],
            output_names=["probabilities"],
            dynamic_shapes=({0: torch.export.Dim("batch", min=1)},),
            dynamo=True,
            external_data=False,
            verbose=False,
        )
    assert program is not None
    program.save(path, external_data=False)


@contextmanager
def _quiet() -> Iterator[None]:
    """The exporter complains of extras that it does not need (torchvision) and of its own code."""
    log = logging.getLogger("torch.onnx")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        log.setLevel(level)
