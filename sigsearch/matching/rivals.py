"""How near other writers come to a questioned signature, which tells what nearness is worth.

Some signatures come near everybody: plain ones, and those of a hand that many write alike. Among
the writers who come nearest, the signature's own stands out by far, a stranger's nearest does not.
So half of what the next writers reach is asked for on top. In the recognition of speakers this is
known as normalisation by a cohort (Auckenthaler, Carey, Lloyd-Thomas 2000); the cohort here is whom
the search found nearest.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sigsearch.arrays import Floats

RIVALS = 5
"""Others that are heeded: with one, a person under two names would hide from both."""
SHARE = 0.5
"""Of their mean, how much is asked for on top (docs/research/2026-11-29-rivals.md)."""
STRANGERS_LEAD = 0.38
"""By how much a stranger's best lead, less (1 - SHARE) log N, lies above Gumbel's law in the
calibration's population: by a simulation of exponential rarities with this SHARE and RIVALS."""


def crowding(near: Floats, share: float = SHARE) -> Floats:
    """Of each candidate, `share` of the mean over the RIVALS others that come nearest.

    near: (..., n), how rarely anybody comes so near, or how near; where there are fewer than RIVALS
    others, the missing ones count as not near at all, 0. Returns (..., n).
    """
    order = np.argsort(-near, axis=-1, kind="stable")[..., : RIVALS + 1]
    nearest = np.take_along_axis(near, order, -1)
    others = np.broadcast_to(nearest[..., :RIVALS].sum(-1, keepdims=True), near.shape).copy()
    # One of the nearest has the next behind them for a rival instead of itself.
    np.put_along_axis(others, order, nearest.sum(-1, keepdims=True) - nearest, -1)
    found: Floats = share * others / RIVALS
    return found


def crowd(others: Sequence[float]) -> float:
    """The same for one candidate; others: how near the others come, the nearest first."""
    return SHARE * sum(others[:RIVALS]) / RIVALS
