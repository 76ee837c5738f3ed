"""How good likelihood ratios are. All are log10, as `lir` and the forensic literature have them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from sigsearch.arrays import Floats
from sigsearch.metrics.rates import scores

_LN10 = np.log(10.0)


def cllr(
    mated_llr: ArrayLike, non_mated_llr: ArrayLike, weights: tuple[Floats, Floats] | None = None
) -> float:
    """Log-likelihood-ratio cost: 0 perfect, 1 as good as saying nothing (LR = 1 always).

    Both classes weigh the same; `weights`, of each class, say what its comparisons count.
    Brümmer and du Preez, Computer Speech and Language 20, 2006.
    """
    own, others = scores(mated_llr), scores(non_mated_llr)
    if not len(own) or not len(others):
        return float("nan")
    mated, non_mated = weights or (None, None)
    cost = np.average(penalty(-own), weights=mated)
    return float((cost + np.average(penalty(others), weights=non_mated)) / 2)


def penalty(llr: Floats) -> Floats:
    """log2(1 + 10 ** llr) without overflow: what a likelihood ratio costs when it is misleading."""
    cost: Floats = np.logaddexp(0.0, llr * _LN10) / np.log(2.0)
    return cost


def cllr_min(mated: ArrayLike, non_mated: ArrayLike) -> float:
    """Cllr after the best monotone calibration: what the order of the scores alone can give."""
    return cllr(*pav_llr(mated, non_mated))


def pav_llr(mated: ArrayLike, non_mated: ArrayLike) -> tuple[Floats, Floats]:
    """log10 LR of each score by pool-adjacent-violators on the scores themselves.

    Infinite where one class alone is seen; a calibration for measuring, not for casework.
    """
    own, others = scores(mated), scores(non_mated)
    if not len(own) or not len(others):
        return own[:0], others[:0]
    levels, inverse = np.unique(np.concatenate([own, others]), return_inverse=True)
    mated_at = np.bincount(inverse[: len(own)], minlength=len(levels)).astype(np.float64)
    total_at = np.bincount(inverse, minlength=len(levels)).astype(np.float64)
    share = _pool(mated_at, total_at)
    with np.errstate(divide="ignore"):
        odds = np.log10(share) - np.log10(1.0 - share)
    llr = odds - np.log10(len(own) / len(others))
    return llr[inverse[: len(own)]], llr[inverse[len(own) :]]


def _pool(mated: Floats, total: Floats) -> Floats:
    """Pool adjacent violators: the nearest non-decreasing sequence to mated / total."""
    blocks: list[tuple[float, float, int]] = []  # mated, total, levels
    for hits, trials in zip(mated.tolist(), total.tolist(), strict=True):
        width = 1
        while blocks and blocks[-1][0] * trials >= hits * blocks[-1][1]:
            before = blocks.pop()
            hits, trials, width = hits + before[0], trials + before[1], width + before[2]
        blocks.append((hits, trials, width))
    pooled: Floats = np.repeat([b[0] / b[1] for b in blocks], [b[2] for b in blocks])
    return pooled


def tippett(llr: ArrayLike, at: ArrayLike) -> Floats:
    """The share of `llr` at or above each value in `at`: one line of a Tippett plot."""
    ordered = np.sort(scores(llr))
    if not len(ordered):
        return np.full(len(np.atleast_1d(at)), np.nan)
    share: Floats = 1.0 - np.searchsorted(ordered, np.atleast_1d(at)) / len(ordered)
    return share


@dataclass(frozen=True, slots=True)
class Reliability:
    """Per bin of stated probability: its mean, the observed share of mated, and comparisons."""

    stated: Floats
    observed: Floats
    comparisons: Floats


def reliability(mated_llr: ArrayLike, non_mated_llr: ArrayLike, bins: int = 10) -> Reliability:
    """Stated against observed probability at even prior odds; empty bins are left away.

    The two classes are weighed to be equally many, so that a sample with few genuine signatures
    does not look miscalibrated.
    """
    own, others = scores(mated_llr), scores(non_mated_llr)
    stated = np.exp(-np.logaddexp(0.0, -np.concatenate([own, others]) * _LN10))
    weight = np.concatenate([np.full(len(x), 0.5 / max(len(x), 1)) for x in (own, others)])
    place = np.minimum((stated * bins).astype(int), bins - 1)
    is_mated = np.arange(len(stated)) < len(own)
    total = np.bincount(place, weight, minlength=bins)
    full = total > 0
    return Reliability(
        np.bincount(place, weight * stated, minlength=bins)[full] / total[full],
        np.bincount(place, weight * is_mated, minlength=bins)[full] / total[full],
        np.bincount(place, minlength=bins)[full].astype(np.float64),
    )
