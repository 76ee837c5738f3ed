"""The one place that knows which way "closer" points: every similarity here grows with likeness.

The global reading asks "could this be the writer?", the local one "is it truly theirs?"; a pair's
score weighs both, with weights fitted on validation writers.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from sigsearch.arrays import Bytes, Singles, SmallInts
from sigsearch.matching.local import LocalMatcher, LocalTokens


class Readings(Protocol):
    """What is compared: `sigsearch.encoder.Embeddings` is one."""

    @property
    def vectors(self) -> Singles: ...
    @property
    def tokens(self) -> SmallInts: ...
    @property
    def weights(self) -> Bytes: ...


def global_similarity(a: Readings, b: Readings) -> Singles:
    """Cosines (n, m) of the global vectors, which have unit length."""
    return a.vectors @ b.vectors.T


def local_similarity(a: Readings, b: Readings, matcher: LocalMatcher) -> Singles:
    """Logits (n, m) of the local comparison, the mean of both ways."""
    return matcher.compare(LocalTokens(a.tokens, a.weights), LocalTokens(b.tokens, b.weights))


def plainness(readings: Readings, matcher: LocalMatcher) -> Singles:
    """How like each signature is to itself upside down (n,), by the local comparison."""
    return matcher.plainness(LocalTokens(readings.tokens, readings.weights))


def pair_scores(a: Readings, b: Readings, matcher: LocalMatcher) -> Singles:
    """Scores (n, m) of each of `a` against each of `b`: a weighted sum of cosine and local logit,
    with the weights and the bias in `matcher.pair`."""
    scores: Singles = likenesses(a, b, matcher)[..., 0]
    return scores


def likenesses(a: Readings, b: Readings, matcher: LocalMatcher) -> Singles:
    """What is known of each pair, (n, m, channels) as `head.CHANNELS` names them: the pair score,
    the cosine, and what the two have in common wherever one looks."""
    global_weight, local_weight, bias = (np.float32(value) for value in matcher.pair)
    wide = global_similarity(a, b)
    left, right = (LocalTokens(one.tokens, one.weights) for one in (a, b))
    fine, common = np.moveaxis(matcher.compare_parts(left, right), 2, 0)
    return np.stack([global_weight * wide + local_weight * fine + bias, wide, common], axis=2)
