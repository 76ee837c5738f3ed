"""How often each level of 0..255 occurs on a page, and what can be told from it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]


def histogram(values: NDArray[np.uint8]) -> Counts:
    """How often each of 0..255 occurs in `values`, an array of any shape."""
    from PIL import Image

    flat = values.ravel()
    quarter = len(flat) // 4
    # Counted in four bands at once, as if they were colours: on a clean page most pixels are alike,
    # and a processor that adds to one and the same counter each time waits for itself.
    bands = Image.frombuffer("RGBA", (quarter, 1), flat[: 4 * quarter], "raw", "RGBA", 0, 1)
    counts: Counts = np.array(bands.histogram()).reshape(4, 256).sum(axis=0)
    for value in flat[4 * quarter :].tolist():
        counts[value] += 1
    return counts


def median(counts: Counts) -> float:
    """The median of the values that were counted; between the middle two where they differ."""
    upto = np.cumsum(counts)
    middle = np.searchsorted(upto, [(upto[-1] - 1) // 2, upto[-1] // 2], side="right")
    return float(middle.mean())


def otsu(counts: Counts) -> tuple[int, float]:
    """Otsu's threshold (1979) and the distance between the means of the two classes."""
    levels = np.arange(256)
    weight = np.cumsum(counts)
    total = np.cumsum(counts * levels)
    above = weight[-1] - weight
    cuts = np.flatnonzero((weight > 0) & (above > 0))
    if not len(cuts):
        return 0, 0.0
    weight, total, above, everything = weight[cuts], total[cuts], above[cuts], total[-1]
    gap = (everything - total) / above - total / weight
    best = int((weight * above * gap**2).argmax())
    return int(cuts[best]), float(gap[best])


def noise_ceiling(counts: Counts, cut: int) -> int:
    """Where the paper's own grain ends: its median plus five robust standard deviations, but never
    beyond the middle of what Otsu calls ink, lest coarse paper swallow a faint pen."""
    below = counts[: cut + 1]
    share = np.cumsum(below) / max(int(below.sum()), 1)
    middle, upper = int(np.searchsorted(share, 0.5)), int(np.searchsorted(share, 0.84))
    ink = counts[cut + 1 :]
    halfway = cut + 1 + int(np.searchsorted(np.cumsum(ink), ink.sum() / 2))
    return min(middle + 5 * (upper - middle), (cut + halfway) // 2)
