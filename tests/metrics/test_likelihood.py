from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sigsearch.metrics import cllr, cllr_min, pav_llr, reliability, tippett

LLRS = st.lists(st.integers(-30, 30).map(lambda n: n / 10), min_size=2, max_size=40)


def test_saying_nothing_costs_one() -> None:
    assert cllr([0.0, 0.0], [0.0]) == pytest.approx(1.0)
    assert cllr_min([5.0, 5.0], [5.0]) == pytest.approx(1.0)


def test_cllr_by_hand() -> None:
    assert cllr([1.0], [-1.0]) == pytest.approx(math.log2(1.1))
    assert cllr([-1.0], [1.0]) == pytest.approx(math.log2(11))
    assert cllr([math.inf], [-math.inf]) == 0
    assert cllr([math.inf], [math.inf]) == math.inf
    assert cllr([2000.0], [2000.0]) == pytest.approx(1000 * math.log2(10))  # no overflow


def test_cllr_min_by_hand() -> None:
    assert cllr_min([3, 4], [1, 2]) == 0
    assert cllr_min([1, 2], [3, 4]) == pytest.approx(1.0)  # inverted: the best is to say nothing
    # One level is tied between the classes: LR 1/2 : 1/2 there, infinite elsewhere.
    assert cllr_min([1, 2], [1, 0]) == pytest.approx((0.5 * 1 + 0.5 * 1) / 2)


@pytest.mark.parametrize(("mated", "non_mated"), [([], [1.0]), ([1.0], [])])
def test_an_empty_class_gives_no_figure(mated, non_mated) -> None:
    assert math.isnan(cllr(mated, non_mated))
    assert math.isnan(cllr_min(mated, non_mated))


@given(LLRS, LLRS)
@settings(max_examples=25)
def test_lir_agrees(mated, non_mated) -> None:
    metrics = pytest.importorskip("lir.metrics")
    models = pytest.importorskip("lir.data.models")
    data = models.LLRData(
        features=np.array(mated + non_mated),
        labels=np.array([1] * len(mated) + [0] * len(non_mated)),
    )
    assert cllr(mated, non_mated) == pytest.approx(metrics.cllr(data))
    assert cllr_min(mated, non_mated) == pytest.approx(metrics.cllr_min(data), abs=1e-9)


@given(LLRS, LLRS)
def test_no_monotone_calibration_beats_cllr_min(mated, non_mated) -> None:
    assert cllr_min(mated, non_mated) <= min(cllr(mated, non_mated), 1.0) + 1e-9


@given(LLRS, LLRS)
def test_pav_never_falls(mated, non_mated) -> None:
    own, others = pav_llr(mated, non_mated)
    order = np.argsort(mated + non_mated, kind="stable")
    llr = np.concatenate([own, others])[order]
    assert all(a <= b for a, b in pairwise(llr))


@given(LLRS, LLRS)
def test_pav_is_scikit_learn_s_isotonic_regression(mated, non_mated) -> None:
    isotonic = pytest.importorskip("sklearn.isotonic")
    labels = [1.0] * len(mated) + [0.0] * len(non_mated)
    _, inverse = np.unique(mated + non_mated, return_inverse=True)
    counts = np.bincount(inverse)
    pooled = np.bincount(inverse, labels) / counts  # it does not pool ties by itself
    expected = isotonic.isotonic_regression(pooled, sample_weight=counts)[inverse]
    own, others = pav_llr(mated, non_mated)
    odds = 10 ** np.concatenate([own, others]) * len(mated) / len(non_mated)
    with np.errstate(invalid="ignore"):
        ours = np.where(np.isinf(odds), 1.0, odds / (1 + odds))
    np.testing.assert_allclose(ours, expected, atol=1e-9)


def test_tippett_counts_what_is_at_or_above() -> None:
    np.testing.assert_allclose(tippett([-1, 0, 1, 2], [-2, 0, 2, 3]), [1, 0.75, 0.25, 0])
    assert np.isnan(tippett([], [0.0])).all()


def test_reliability_of_a_calibrated_score() -> None:
    """LR = 3 stated where three in four are mated (at even priors) lies on the diagonal."""
    llr = math.log10(3)
    bins = reliability([llr] * 3 + [-llr], [llr] + [-llr] * 3)
    np.testing.assert_allclose(bins.stated, [0.25, 0.75])
    np.testing.assert_allclose(bins.observed, [0.25, 0.75])
    np.testing.assert_allclose(bins.comparisons, [4, 4])


def test_reliability_does_not_depend_on_how_many_forgeries_there_are() -> None:
    few, many = reliability([1.0, 0.0], [-1.0, 0.0]), reliability([1.0, 0.0], [-1.0, 0.0] * 9)
    np.testing.assert_allclose(few.observed, many.observed)


def test_reliability_takes_infinite_ratios() -> None:
    bins = reliability([math.inf], [-math.inf])
    np.testing.assert_allclose(bins.stated, [0, 1])
