from __future__ import annotations

import numpy as np
import pytest

from sigsearch.errors import CalibrationError
from sigsearch.matching.fusion import FusionWeights, fuse, handicaps, own_agreement, power_mean

PLAIN = FusionWeights(sharpness=0.0, own=0.0)


def test_without_weights_taken_off_it_is_the_mean_over_references():
    np.testing.assert_allclose(fuse([[1, 2, 6], [0, 0, 3]], np.zeros((3, 3)), PLAIN), [3, 1])


def test_one_reference_is_measured_against_the_population():
    weights = FusionWeights(own=0.5, agreement=4.0)
    np.testing.assert_allclose(fuse([[5.0]], [[99.0]], weights), [5.0 - 0.5 * 4.0])


def test_agreement_moves_from_the_population_to_the_writer_as_references_grow():
    weights = FusionWeights(agreement=0.0, strength=2.0)
    seen = [own_agreement(np.full((n, n), 10.0), weights) for n in (1, 2, 3, 8)]
    np.testing.assert_allclose(seen, [0, 10 / 3, 5, 70 / 9])


def test_the_diagonal_does_not_count():
    own = np.array([[1000.0, 2.0], [2.0, 1000.0]])
    same = np.array([[0.0, 2.0], [2.0, 0.0]])
    weights = FusionWeights(sharpness=1.0, own=1.0)
    np.testing.assert_array_equal(fuse([[1, 3]], own, weights), fuse([[1, 3]], same, weights))


def test_a_steady_writer_must_be_met_closely():
    weights = FusionWeights(own=1.0)
    steady, loose = (fuse([[3.0] * 4], np.full((4, 4), level), weights) for level in (5.0, 2.0))
    assert steady[0] < loose[0]


@pytest.mark.parametrize(("sharpness", "limit"), [(0.0, 3.0), (200.0, 6.0), (-200.0, 1.0)])
def test_the_power_mean_runs_from_the_farthest_to_the_closest(sharpness, limit):
    assert power_mean(np.array([1.0, 2.0, 6.0]), sharpness) == pytest.approx(limit, abs=0.01)


def test_the_order_of_references_does_not_matter():
    random = np.random.default_rng(0)
    questioned, own = random.normal(size=(5, 4)), random.normal(size=(4, 4))
    shuffled = [2, 0, 3, 1]
    weights = FusionWeights(sharpness=0.7)
    np.testing.assert_allclose(
        fuse(questioned, own, weights),
        fuse(questioned[:, shuffled], own[np.ix_(shuffled, shuffled)], weights),
    )


@pytest.mark.parametrize(
    ("questioned", "own"), [([1.0, 2.0], np.eye(2)), ([[1.0, 2.0]], np.eye(3)), ([[]], [[]])]
)
def test_other_shapes_are_refused(questioned, own):
    with pytest.raises(ValueError, match="expected"):
        fuse(questioned, own)


def test_weights_survive_json():
    weights = FusionWeights(0.1, 0.9, 2.5, 3.0, 0.4)
    assert FusionWeights.from_dict(weights.to_dict()) == weights


def test_weights_from_before_plainness_was_known_do_without():
    known = FusionWeights().to_dict()
    del known["plain"]
    assert FusionWeights.from_dict(known) == FusionWeights(plain=0.0)


def test_a_handicap_is_a_share_of_the_plainness():
    np.testing.assert_allclose(handicaps([1.0, -2.0], FusionWeights(plain=0.5)), [0.5, -1.0])
    np.testing.assert_array_equal(handicaps([1.0, -2.0], FusionWeights(plain=0.0)), [0.0, 0.0])


@pytest.mark.parametrize("fault", [{"own": None}, {"own": "much"}, {"own": float("nan")}])
def test_damaged_weights_are_refused(fault):
    with pytest.raises(CalibrationError):
        FusionWeights.from_dict(FusionWeights().to_dict() | fault)
