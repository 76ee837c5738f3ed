"""The one place that knows which way "closer" points: every similarity here grows with likeness.

The global reading asks "could this be the writer?", the local one "is it truly theirs?"; a pair's
score weighs both, with weights fitted on validation writers.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from sigsearch.matching.local import LocalMatcher, LocalTokens

Floats = NDArray[np.float32]


class Readings(Protocol):
    """What is compared: `sigsearch.encoder.Embeddings` is one."""

    @property
    def vectors(self) -> Floats: ...
    @property
    def tokens(self) -> NDArray[np.int8]: ...
    @property
    def weights(self) -> NDArray[np.uint8]: ...


@dataclass(frozen=True, slots=True)
class PairWeights:
    """pair score = bias + global_weight x cosine + local_weight x local logit."""

    global_weight: float = 4.0
    local_weight: float = 1.0
    bias: float = 0.0

    def to_dict(self) -> dict[str, float]:
        return asdict(self)

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> PairWeights:
        return cls(**{name: float(value) for name, value in content.items()})


def global_similarity(a: Readings, b: Readings) -> Floats:
    """Cosines (n, m) of the global vectors, which have unit length."""
    return a.vectors @ b.vectors.T


def local_similarity(a: Readings, b: Readings, matcher: LocalMatcher) -> Floats:
    """Logits (n, m) of the local comparison, the mean of both ways."""
    return matcher.compare(LocalTokens(a.tokens, a.weights), LocalTokens(b.tokens, b.weights))


def pair_scores(
    a: Readings, b: Readings, matcher: LocalMatcher, weights: PairWeights | None = None
) -> Floats:
    """Scores (n, m) of each of `a` against each of `b`."""
    given = weights or PairWeights()
    wide = np.float32(given.global_weight) * global_similarity(a, b)
    fine = np.float32(given.local_weight) * local_similarity(a, b, matcher)
    return wide + fine + np.float32(given.bias)
