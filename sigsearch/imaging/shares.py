"""Values below which some share of all values lies, and how many differ."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def percentiles(values: NDArray[Any], *wanted: float) -> list[float]:
    """What `np.percentile` tells of (n,) finite values, whole or doubles, to the last bit.

    NumPy's own takes longer, and the first time it imports masked arrays to look for some.
    """
    places = np.true_divide(wanted, 100) * (len(values) - 1)
    below = np.floor(places).astype(np.int64)
    above = np.minimum(below + 1, len(values) - 1)
    ordered = np.partition(values, np.concatenate([below, above]))
    low, high = ordered[below], ordered[above]
    share, step = places - below, high - low
    found = np.where(share < 0.5, low + step * share, high - step * (1 - share))
    return [float(one) for one in found]


def distinct(values: NDArray[np.int64]) -> int:
    """How many different whole numbers, none of them negative, there are."""
    return int(np.count_nonzero(np.bincount(values))) if len(values) else 0
