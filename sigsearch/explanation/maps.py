"""The feature maps of a network's convolution layers, for one signature."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sigsearch.arrays import Singles
from sigsearch.classifier import KIND, ClassifierCard
from sigsearch.classifier import card as classifier_files
from sigsearch.encoder.card import ModelCard
from sigsearch.encoder.encoder import NETWORK, shipped_folder
from sigsearch.errors import SigsearchError
from sigsearch.imaging import Signature
from sigsearch.models.folder import CARD_NAME, read_card
from sigsearch.models.network import open_network


@dataclass(frozen=True, slots=True)
class FeatureMap:
    """What one convolution layer gives after its activation: values float32 (channels, height,
    width), 0 = silent."""

    layer: str
    values: Singles

    def loudest(self, count: int) -> list[int]:
        """The channels that vary most over the image, in order of their strength."""
        spread = self.values.reshape(len(self.values), -1).std(axis=1)
        return [int(at) for at in np.argsort(-spread, kind="stable")[:count]]


def feature_maps(signature: Signature, model: Path | None = None) -> tuple[str, list[FeatureMap]]:
    """The model's id and the maps of its layers from the first to the last.

    `model` is the folder of a classifier or of an encoder; by default the encoder that ships.
    Raises EncoderError or ClassifierError for a folder of no use, SigsearchError without `onnx`.
    """
    name, network = _network(model)
    outputs, widened = _with_activations(network)
    session = open_network(widened, model or shipped_folder(), SigsearchError, threads=0)
    found = session.run(outputs, {"canvases": signature.canvas[None, None]})
    maps = [value[0].astype(np.float32) for value in found if value.ndim == 4]
    return name, [FeatureMap(f"layer {at}", values) for at, values in enumerate(maps, start=1)]


def _network(model: Path | None) -> tuple[str, bytes]:
    folder = model or shipped_folder()
    if _kind(folder) == KIND:
        card = ClassifierCard.load(folder)
        return card.id, card.files_in(folder).read(classifier_files.NETWORK)
    encoder = ModelCard.load(folder)
    return encoder.id, encoder.files_in(folder).read(NETWORK)


def _kind(folder: Path) -> str | None:
    try:
        return str(read_card(folder / CARD_NAME).get("kind"))
    except (OSError, ValueError, TypeError):
        return None


def _with_activations(network: bytes) -> tuple[list[str], bytes]:
    """The same network with every activation among its outputs, and their names in order."""
    try:
        import onnx
    except ModuleNotFoundError:
        raise SigsearchError(
            "looking inside a network needs onnx: pip install 'sigsearch[train]'"
        ) from None
    graph = onnx.load_from_string(network)
    names = _activated(graph.graph)
    graph.graph.output.extend(onnx.ValueInfoProto(name=name) for name in names)
    return names, graph.SerializeToString()


def _activated(graph: Any) -> list[str]:
    """What the layers pass on. In a network in bytes most activations are gone, since bytes cut off
    what is below zero by themselves; what they gave has kept its name."""
    plain = [node.output[0] for node in graph.node if node.op_type == "Relu"]
    within = [
        node.output[0]
        for node in graph.node
        if node.op_type == "DequantizeLinear" and node.input[0].startswith("relu")
        if node.input[0].removesuffix("_QuantizeLinear_Output") not in plain
    ]
    return plain + within
