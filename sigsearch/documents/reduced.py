"""A page made small, for looks that need no detail."""

from __future__ import annotations

import numpy as np

from sigsearch.arrays import Bytes


def reduced(grey: Bytes, side: int) -> tuple[Bytes, int]:
    """`grey` with its longer side at most about `side` pixels, and by what it was divided."""
    from PIL import Image

    factor = max(-(-max(grey.shape) // side), 1)
    return (np.asarray(Image.fromarray(grey).reduce(factor)) if factor > 1 else grey), factor
