"""Readings and a matcher made of little more than the ink, for tests of what is built on them."""

from __future__ import annotations

import numpy as np

from sigsearch.encoder import Embeddings
from sigsearch.matching.local import LocalMatcher

GRID = (6, 14)


def small_matcher() -> LocalMatcher:
    return LocalMatcher(GRID, (1, 2), scale=8.0, bias=-5.0, common=0.25)


def drifting_readings(writers: int, each: int, seed: int = 0, drift: float = 0.25) -> Embeddings:
    """Every writer a direction of its own, every signature a little off it."""
    random = np.random.default_rng(seed)
    count, places = writers * each, GRID[0] * GRID[1]
    vectors = np.repeat(random.normal(size=(writers, 32)), each, axis=0)
    vectors += drift * random.normal(size=vectors.shape)
    tokens = np.repeat(random.normal(size=(writers, places, 8)), each, axis=0)
    tokens += drift * random.normal(size=tokens.shape)
    tokens /= np.linalg.norm(tokens, axis=2, keepdims=True)
    return Embeddings(
        (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32),
        (tokens * 127).round().astype(np.int8),
        np.full((count, places), 255, np.uint8),
    )
