"""bfloat16 where the hardware computes in it."""

from __future__ import annotations

from collections.abc import Mapping

import torch

_NATIVE = ("amx_bf16", "avx512_bf16")


def mixed_precision(device: torch.device) -> torch.autocast:
    """A context for the forward pass: bfloat16 on a GPU and on processors with instructions for
    it. On others bfloat16 is emulated and many times slower than float32, which they keep."""
    return torch.autocast(device.type, torch.bfloat16, enabled=device.type != "cpu" or _native())


def _native() -> bool:
    # Not in every torch: where it can't be asked, float32 is the safe choice.
    ask = getattr(torch.cpu, "get_capabilities", dict)
    able: Mapping[str, object] = ask()
    return any(bool(able.get(name)) for name in _NATIVE)
