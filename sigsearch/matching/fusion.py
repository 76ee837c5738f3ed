"""Many references of a writer -> one score.

A questioned signature has a pair score with each reference. Their power mean is taken, and from it
the agreement that the writer's own references show with one another: a steady hand must be met
closely, a variable one need not be. With few references that agreement is hardly known, so it is
shrunk towards the population's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from sigsearch.arrays import Floats
from sigsearch.errors import CalibrationError
from sigsearch.matching.head import CHANNELS, Head


@dataclass(frozen=True, slots=True)
class FusionWeights:
    """How pair scores are fused; all but `own` and `strength` are in units of the pair score.

    sharpness: 0 takes the mean over references, more leans to the closest one, less than 0 to the
    farthest; own: the share of the writer's own agreement that is taken off; agreement: its mean
    in the population; strength: how many references the population's mean is worth; plain: the
    share of its plainness by which a questioned signature is handicapped (`handicaps`); head: what
    was learnt from many writers, and takes the place of all but `plain`; search_own: `own` in a
    search, which does without the head (`for_search`).
    """

    sharpness: float = 0.0
    own: float = 0.8
    agreement: float = 0.0
    strength: float = 2.0
    plain: float = 0.2  # found on training and validation writers (docs/research)
    head: Head | None = None
    search_own: float = 0.4

    def for_search(self) -> FusionWeights:
        """How a search fuses several references where there is a head.

        What a head makes of how well the references agree tells imitations, but draws strangers to
        variable writers. And a signature on a document does not come as near as references that
        were scanned together come to one another: so less of that is taken off.
        """
        return self if self.head is None else replace(self, head=None, own=self.search_own)

    def to_dict(self) -> dict[str, Any]:
        plain = {name: getattr(self, name) for name in _NUMBERS}
        if self.head is None:
            return plain
        return {**plain, "head": self.head.to_dict(), "search_own": self.search_own}

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> FusionWeights:
        """Raises CalibrationError when a weight is missing or no finite number."""
        try:
            # What was fitted before plainness was known did without it.
            known = {"plain": 0.0, **document}
            values = {name: float(known[name]) for name in _NUMBERS}
            if "search_own" in document:
                values["search_own"] = float(document["search_own"])
        except (KeyError, TypeError, ValueError) as fault:
            raise CalibrationError(f"fusion weights cannot be read ({fault})") from None
        if not all(np.isfinite(list(values.values()))):
            raise CalibrationError("fusion weights cannot be read (a weight is not finite)")
        learnt = document.get("head")
        return cls(**values, head=None if learnt is None else Head.from_dict(learnt))


_NUMBERS = ("sharpness", "own", "agreement", "strength", "plain")


def fuse(questioned: ArrayLike, own: ArrayLike, weights: FusionWeights | None = None) -> Floats:
    """One score (n,) for each questioned signature, higher = closer.

    questioned: (n, R) pair scores with the R >= 1 references of one writer, or (n, R, channels)
    likenesses (`similarity.likenesses`), which a head needs; own: the same among these references,
    (R, R) or (R, R, channels), the diagonal ignored. Raises ValueError for other shapes.
    """
    weights = weights or FusionWeights()
    scores = np.asarray(questioned, np.float64)
    among = np.asarray(own, np.float64)
    channels = scores.shape[2:]
    whole = scores.ndim >= 2 and scores.shape[1] and channels in ((), (len(CHANNELS),))
    if not whole or among.shape != (scores.shape[1], scores.shape[1], *channels):
        raise ValueError(
            f"scores (n, R) and agreement (R, R) are expected, not {scores.shape} and {among.shape}"
        )
    if weights.head is not None:
        if not channels:
            raise ValueError("a head needs likenesses (n, R, channels), not pair scores (n, R)")
        return weights.head.scores(scores, among)
    close = power_mean(pair_scores(scores), weights.sharpness)
    return close - weights.own * own_agreement(pair_scores(among), weights)


def pair_scores(known: Floats) -> Floats:
    """The pair scores (n, R) among likenesses (n, R, channels), or as they are."""
    return known[..., 0] if known.ndim == 3 else known


def handicaps(plainness: ArrayLike, weights: FusionWeights) -> Floats:
    """What is taken off the scores (n,) of questioned signatures before these are weighed against
    random forgeries.

    plainness (n,): how like each is to itself upside down. Signatures that are like themselves
    anyhow come nearer to strangers' than others do. An imitation does not come near by chance, so
    against skilled forgeries nothing is taken off.
    """
    return weights.plain * np.asarray(plainness, np.float64)


def own_agreement(own: ArrayLike, weights: FusionWeights) -> float:
    """How much R references of a writer agree, shrunk towards the population (R = 1: just that).

    Each reference is scored against the others as a questioned signature would be.
    """
    among = np.asarray(own, np.float64)
    count = len(among)
    if count < 2:
        return weights.agreement
    others = among[~np.eye(count, dtype=bool)].reshape(count, count - 1)
    observed = float(power_mean(others, weights.sharpness).mean())
    share = (count - 1) / (count - 1 + weights.strength)
    return share * observed + (1 - share) * weights.agreement


def power_mean(scores: Floats, sharpness: float) -> Floats:
    """The exponential mean log(mean(exp(sharpness x))) / sharpness over the last axis."""
    if abs(sharpness) < 1e-6:
        plain: Floats = scores.mean(axis=-1)
        return plain
    terms = scores * sharpness
    top = terms.max(axis=-1, keepdims=True)
    total = np.log(np.exp(terms - top).mean(axis=-1)) + top[..., 0]
    result: Floats = total / sharpness
    return result
