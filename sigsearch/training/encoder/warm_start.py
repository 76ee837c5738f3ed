"""Starting from trained weights, also of a narrower or shallower network."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from sigsearch.errors import EncoderError
from sigsearch.training.encoder.trainer import load_model

_JOINED = {"global_head.weight": 3, "token_head.weight": 2}
"""Layers whose input is several maps, one after the other: each of them widens by itself."""
_MATCHER = "matcher."


def warm_start(model: nn.Module, path: Path) -> None:
    """Fill `model` with the weights in `path` (safetensors, or a checkpoint's running mean).

    A wider layer keeps its first channels as they were: what new channels give is ignored at
    first. A new residual block passes on what it gets. So the network starts out computing what
    the old one did (Net2Net: Chen, Goodfellow, Shlens 2016). What another way of comparing had
    fitted is left behind. Raises EncoderError.
    """
    old = _weights(path)
    state = model.state_dict()
    homeless = sorted(name for name in old if name not in state and not name.startswith(_MATCHER))
    if homeless or not old:
        raise EncoderError(
            f"{path}: these are weights of another network, or of a deeper one ({len(homeless)} of "
            f"{len(old)} do not fit here: {', '.join(homeless[:3])})"
        )
    for name, fresh in state.items():
        if name in old:
            state[name] = _widened(old[name].to(fresh.dtype), fresh, name, path)
        elif name.endswith("second.1.weight"):
            state[name] = torch.zeros_like(fresh)
    model.load_state_dict(state)


def _weights(path: Path) -> dict[str, Tensor]:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    if path.suffix == ".pt":
        return load_model(path).state_dict()
    try:
        return load_file(path)
    except (OSError, SafetensorError) as fault:
        raise EncoderError(f"{path}: cannot be read as weights ({fault})") from None


def _widened(old: Tensor, fresh: Tensor, name: str, path: Path) -> Tensor:
    if old.shape == fresh.shape:
        return old
    if old.ndim != fresh.ndim or any(a > b for a, b in zip(old.shape, fresh.shape, strict=True)):
        raise EncoderError(f"{path}: {name} belongs to another network")
    wide = fresh.clone()
    if fresh.ndim > 1:
        parts = next((n for end, n in _JOINED.items() if name.endswith(end)), 1)
        wide[: old.shape[0]] = 0
        for new, known in zip(wide.chunk(parts, dim=1), old.chunk(parts, dim=1), strict=True):
            new[: old.shape[0], : known.shape[1]] = known
    else:
        wide[: old.shape[0]] = old
    return wide
