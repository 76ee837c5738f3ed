"""Going on from a detector that ships: its file has no checkpoint beside it.

In the file each normalisation is folded into the convolution before it. It is unfolded again by
what a batch of pages shows of each channel, so that the network computes what it did and can learn.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from sigsearch.errors import EncoderError
from sigsearch.training.detector.network import Detector

_PREFIX = "detector."


def warm_start(network: Detector, path: Path, views: Tensor) -> None:
    """Fill `network` with the weights of the ONNX file at `path`; `views` (n, 1, h, w) in 0..1 are
    pages. Raises EncoderError when it is another network's file."""
    weights = _initialisers(path)
    if not weights:
        raise EncoderError(f"{path}: not the weights of this detector")
    biases: dict[nn.BatchNorm2d, Tensor] = {}
    before = ""
    try:
        for name, module in network.named_modules():
            if isinstance(module, nn.BatchNorm2d):
                biases[module] = weights.pop(f"{before}.weight_bias")
            elif isinstance(module, nn.Conv2d | nn.Linear):
                before = name
        network.load_state_dict({**_normalisations(network), **weights})
    except (KeyError, RuntimeError) as fault:
        raise EncoderError(f"{path}: not the weights of this detector ({fault})") from None
    hooks = [m.register_forward_pre_hook(_unfolding(bias)) for m, bias in biases.items()]
    try:
        with torch.no_grad():
            network.eval()(views)
    finally:
        for hook in hooks:
            hook.remove()


def _normalisations(network: Detector) -> dict[str, Tensor]:
    names = [n for n, m in network.named_modules() if isinstance(m, nn.BatchNorm2d)]
    return {k: v for k, v in network.state_dict().items() if k.rpartition(".")[0] in names}


def _unfolding(bias: Tensor) -> Callable[[nn.BatchNorm2d, tuple[Tensor]], None]:
    """Set a normalisation, before its first pass, so that it only adds `bias`."""

    def hook(module: nn.BatchNorm2d, inputs: tuple[Tensor]) -> None:
        variance, mean = torch.var_mean(inputs[0], (0, 2, 3), correction=0)
        module.running_mean, module.running_var = mean, variance
        module.weight.data = (variance + module.eps).sqrt()
        module.bias.data = mean + bias

    return hook


def _initialisers(path: Path) -> dict[str, Tensor]:
    import onnx
    from onnx import numpy_helper

    try:
        graph = onnx.load(path, load_external_data=False).graph
    except Exception as fault:  # protobuf's errors have no common base
        raise EncoderError(f"{path}: cannot be read as weights ({fault})") from None
    return {
        i.name.removeprefix(_PREFIX): torch.from_numpy(np.array(numpy_helper.to_array(i)))
        for i in graph.initializer
        if i.name.startswith(_PREFIX)
    }
