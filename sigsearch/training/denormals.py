"""Denormal numbers off while a network trains, and on again afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def denormals_flushed() -> Iterator[None]:
    """Gradients fade into denormal numbers, on which a CPU is many times slower.

    Worker threads inherit the setting when they start, so enter this before the first batch. The
    calling thread gets its own setting back: others in the process may need exact small numbers.
    """
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(False)
