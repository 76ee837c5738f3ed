from __future__ import annotations

import numpy as np
import pytest

from sigsearch.calibration.fusion_fit import Claims, fit_fusion, fuse_all
from sigsearch.errors import CalibrationError
from sigsearch.matching.fusion import FusionWeights


def invented_claims(writers: int, references: int, spread: float, seed: int) -> list[Claims]:
    """Writers whose own level differs by `spread`, imitations two below it."""
    random = np.random.default_rng(seed)
    claims = []
    for writer in range(writers):
        level = random.normal(5, spread)
        mated = random.normal(level, 1, (10, references))
        imitations = random.normal(level - 2, 1, (10, references))
        claims.append(Claims(mated, imitations, random.normal(level, 1, (references,) * 2), writer))
    return claims


def test_where_writers_differ_their_own_agreement_is_taken_off():
    weights = fit_fusion([invented_claims(20, 6, spread=4.0, seed=0)])
    taken_off = weights.own * 5 / (5 + weights.strength)
    assert taken_off == pytest.approx(1.0, abs=0.1)
    assert weights.agreement == pytest.approx(5, abs=2)


def test_where_all_writers_are_alike_it_is_not_trusted():
    weights = fit_fusion([invented_claims(20, 2, spread=0.0, seed=1)])
    share = weights.own / (1 + weights.strength)
    assert abs(share) < 0.3


def test_fitting_is_deterministic():
    claims = [invented_claims(6, 3, spread=1.0, seed=2)]
    assert fit_fusion(claims) == fit_fusion(claims)


def test_a_writer_counts_the_same_however_many_were_compared():
    random = np.random.default_rng(3)
    claims = [
        Claims(random.normal(size=(n, 2)), np.ones((4, 2)), np.zeros((2, 2)), writer, weight)
        for writer, (n, weight) in enumerate([(5, 1.0), (20, 1.0), (5, 3.0)])
    ]
    mated, _ = fuse_all(claims, FusionWeights())
    np.testing.assert_allclose(np.bincount(mated.writers, mated.weights), [1, 1, 3])


def test_claims_on_one_side_only_are_refused():
    with pytest.raises(CalibrationError, match="both"):
        fit_fusion([[Claims(np.zeros((3, 1)), np.zeros((0, 1)), np.zeros((1, 1)), 0)]])
