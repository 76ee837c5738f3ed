"""The one place that knows which way "closer" points: every similarity here grows with likeness.

The global reading asks "could this be the writer?", the local one "is it truly theirs?"; a pair's
score weighs both, with weights fitted on validation writers.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from sigsearch.arrays import Singles
from sigsearch.matching.local import LocalMatcher, LocalReadings


class Readings(LocalReadings, Protocol):
    """What is compared: `sigsearch.encoder.Embeddings` is one."""

    @property
    def vectors(self) -> Singles: ...


def global_similarity(a: Readings, b: Readings) -> Singles:
    """Cosines (n, m) of the global vectors, which have unit length."""
    return a.vectors @ b.vectors.T


def pair_scores(a: Readings, b: Readings, matcher: LocalMatcher) -> Singles:
    """Scores (n, m) of each of `a` against each of `b`: a weighted sum of cosine and local logit,
    with the weights and the bias in `matcher.pair`."""
    scores: Singles = likenesses(a, b, matcher)[..., 0]
    return scores


def likenesses(a: Readings, b: Readings, matcher: LocalMatcher) -> Singles:
    """What is known of each pair, (n, m, channels) as `head.CHANNELS` names them: the pair score,
    the cosine, and what the two have in common wherever one looks."""
    global_weight, local_weight, bias = (np.float32(value) for value in matcher.pair)
    wide = np.einsum("nd,md->nm", a.vectors, b.vectors)  # alike for one pair and for many
    fine, common = np.moveaxis(matcher.compare_parts(a, b), 2, 0)
    return np.stack([global_weight * wide + local_weight * fine + bias, wide, common], axis=2)
