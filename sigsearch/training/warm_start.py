"""Starting from trained weights, also of a narrower or shallower network."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from sigsearch.errors import EncoderError


def warm_start(model: nn.Module, path: Path) -> None:
    """Fill `model` with the weights in `path` (safetensors).

    A wider layer keeps its first channels as they were: what new channels give is ignored at
    first. A new residual block passes on what it gets. So the network starts out computing what
    the old one did (Net2Net: Chen, Goodfellow, Shlens 2016). Raises EncoderError.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        old = load_file(path)
    except (OSError, SafetensorError) as fault:
        raise EncoderError(f"{path}: cannot be read as weights ({fault})") from None
    state = model.state_dict()
    for name, fresh in state.items():
        if name in old:
            state[name] = _widened(old[name].to(fresh.dtype), fresh, name, path)
        elif name.endswith("second.1.weight"):
            state[name] = torch.zeros_like(fresh)
    model.load_state_dict(state)


def _widened(old: Tensor, fresh: Tensor, name: str, path: Path) -> Tensor:
    if old.shape == fresh.shape:
        return old
    if old.ndim != fresh.ndim or any(a > b for a, b in zip(old.shape, fresh.shape, strict=True)):
        raise EncoderError(f"{path}: {name} is of another network")
    wide = fresh.clone()
    if fresh.ndim > 1:
        wide[: old.shape[0], old.shape[1] :] = 0
    wide[tuple(slice(size) for size in old.shape)] = old
    return wide
