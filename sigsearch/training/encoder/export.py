"""A checkpoint -> the folder that ships: ONNX, safetensors, the matcher and the model card.

The exported network takes bytes and gives bytes: scaling of the canvas, quantising of the tokens
and of the ink shares lie inside it, so that no other code can do them differently.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from sigsearch.encoder.card import ModelCard
from sigsearch.encoder.encoder import MATCHER, NETWORK
from sigsearch.imaging import CANVAS_SHAPE, PREPROCESSING_VERSION
from sigsearch.matching.local import DEFAULT_PAIR
from sigsearch.training.encoder.matcher import LocalMatcher
from sigsearch.training.encoder.network import Reading, ResidualBlock, SignatureNetwork
from sigsearch.training.encoder.quantise import Canvases, quantise
from sigsearch.training.encoder.trainer import GRID, SiameseModel
from sigsearch.training.onnx_file import write_onnx

WEIGHTS = "encoder.safetensors"
OUTPUTS = ("vectors", "tokens", "weights")


class Deployed(nn.Module):
    """A network that gives a Reading; uint8 canvases (n, 1, height, width) -> vectors float32,
    tokens int8, weights uint8."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, canvases: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        reading: Reading = self.network(canvases.float() / 255.0)
        tokens = (reading.tokens * 127).round().clamp(-127, 127).to(torch.int8)
        top = reading.weights.amax(1, keepdim=True).clamp(min=1e-9)
        weights = (reading.weights / top * 255).round().to(torch.uint8)
        return reading.vectors, tokens, weights


def export(
    model: SiameseModel,
    folder: Path,
    name: str,
    pair: Sequence[float] = DEFAULT_PAIR,
    calibration: Canvases | None = None,
    **facts: Any,
) -> ModelCard:
    """Write the model to `folder`; `pair` weighs cosine and local logit and adds a bias; with
    `calibration`, canvases of training writers, the network is put into bytes (`quantise`); `facts`
    are further fields of the card."""
    folder.mkdir(parents=True, exist_ok=True)
    deployed = Deployed(without_pools(model.network)).eval()
    write_onnx(deployed, folder / NETWORK, OUTPUTS)
    if calibration is not None:
        quantise(folder / NETWORK, calibration)
    _write_weights(model, folder / WEIGHTS)
    np.savez(folder / MATCHER, **matcher_arrays(model.matcher, pair))
    files = {
        file: hashlib.sha256((folder / file).read_bytes()).hexdigest()
        for file in (NETWORK, WEIGHTS, MATCHER)
    }
    shape = model.network.shape
    card = ModelCard(
        # The same weights in bytes give other vectors: an index must be able to tell.
        id=f"{name}-{files[WEIGHTS if calibration is None else NETWORK][:8]}",
        dimensions=shape.dimensions,
        token_shape=(*GRID, shape.token_channels),
        canvas_shape=CANVAS_SHAPE,
        preprocessing_version=PREPROCESSING_VERSION,
        files=files,
        arithmetic="float32" if calibration is None else "int8",
        **facts,
    )
    card.save(folder)
    return card


def without_pools(network: SignatureNetwork) -> SignatureNetwork:
    """A copy in which every mean over n x n before a 1 x 1 convolution has become part of it: the
    same sums, but a mean in bytes takes longer than the convolution."""
    network = deepcopy(network)
    for block in network.modules():
        if isinstance(block, ResidualBlock) and isinstance(block.shortcut, nn.Sequential):
            block.shortcut = _without_pool(*block.shortcut)
    return network


def _without_pool(pool: nn.Module, rest: Any) -> nn.Module:
    """The shortcut as one convolution; `rest` is the 1 x 1 convolution and its normalisation."""
    convolution, norm = rest
    side = int(getattr(pool, "kernel_size", 1))  # without one the shortcut keeps the size
    wide = nn.Conv2d(convolution.in_channels, convolution.out_channels, side, side, bias=False)
    weight = convolution.weight.detach() / side**2
    wide.weight = nn.Parameter(weight.expand(-1, -1, side, side).contiguous())
    return nn.Sequential(wide, norm)


def matcher_arrays(matcher: LocalMatcher, pair: Sequence[float]) -> dict[str, Any]:
    """The matcher's parameters as numpy reads them (`sigsearch.matching.local`)."""
    return {
        "pair": np.array(pair),
        "grid": np.array(matcher.grid),
        "reach": np.array(matcher.reach),
        "scale": matcher.scale.detach().numpy(),
        "bias": matcher.bias.detach().numpy(),
        "common": matcher.common.numpy(),
    }


def _write_weights(model: SiameseModel, path: Path) -> None:
    from safetensors.torch import save_file

    # Half precision is ample to go on training from, and half the size.
    state = {
        name: value.half() if value.is_floating_point() else value
        for name, value in model.state_dict().items()
    }
    save_file({name: value.contiguous() for name, value in state.items()}, path)
