"""How much evidence a set of likelihood ratios supports."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from sigsearch.arrays import Floats

_STEP = 0.01
_EXTREME = 9.0


def empirical_bounds(
    mated_llr: ArrayLike, non_mated_llr: ArrayLike, repeats: tuple[float, float] = (1.0, 1.0)
) -> tuple[float, float]:
    """Lower and upper log10 LR beyond which decisions would cost more than with no evidence at
    all, if one more questioned signature of each kind were as misleading as can be.

    repeats: in how many of the comparisons (mated, non-mated) one signature and one writer meet.
    The one more would meet as often, so that drawing references anew buys no stronger claims.
    The empirical bounds of Vergeer and others, Science and Justice 56 (2016) 482-491; the same
    numbers as `lir.algorithms.bayeserror.elub`.
    """
    own = np.clip(np.asarray(mated_llr, np.float64), -_EXTREME, _EXTREME)
    others = np.clip(np.asarray(non_mated_llr, np.float64), -_EXTREME, _EXTREME)
    at = _grid(own, others)
    neutral = _utility(np.zeros(len(own)), np.zeros(len(others)), at, (0, 0))
    ratio = neutral / _utility(own, others, at, repeats)
    left, right = at[(at <= 0) & (ratio < 1)], at[(at >= 0) & (ratio < 1)]
    lower = np.max(left + _STEP, initial=at.min())
    upper = np.min(right - _STEP, initial=at.max())
    return float(min(lower, 0.0)), float(max(upper, 0.0))


def _grid(own: Floats, others: Floats) -> Floats:
    low = max(min(own.min(), others.min()), -np.log10(len(own) + 1))
    high = min(max(own.max(), others.max()), np.log10(len(others) + 1))
    first, last = min(0, int(low // _STEP)), max(0, int(high // _STEP) + 1)
    return np.linspace(first * _STEP, last * _STEP, last - first + 1)


def _utility(own: Floats, others: Floats, at: Floats, misleading: tuple[float, float]) -> Floats:
    """Expected cost of accepting above each threshold LR, with misleading ones added."""
    accepted_own = len(own) - np.searchsorted(np.sort(own), at, side="right")
    accepted_others = len(others) - np.searchsorted(np.sort(others), at, side="right")
    misses = 1 - accepted_own / (len(own) + misleading[0])
    alarms = (accepted_others + misleading[1]) / (len(others) + misleading[1])
    cost: Floats = misses + 10**at * alarms
    return cost
