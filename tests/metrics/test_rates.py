from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigsearch.metrics import (
    eer,
    error_rates,
    fnmr_at_fmr,
    supports,
    threshold_at_eer,
    threshold_at_fmr,
)

# Few distinct values, so that ties are the rule.
SCORES = st.lists(st.integers(-6, 6).map(float), min_size=1, max_size=40)


@pytest.mark.parametrize(
    ("mated", "non_mated", "expected"),
    [
        ([3, 4], [1, 2], 0.0),  # perfect
        ([1, 2], [3, 4], 1.0),  # inverted
        ([5, 5, 5], [5, 5], 0.5),  # tied throughout
        ([1, 3], [0, 2], 0.5),  # one error of each kind among two
        ([1, 2, 3, 4], [0, 0, 0, 2.5], 0.25),
        ([2, 1], [1, 0], 0.25),  # the tie, broken at random, errs half the time
        ([0], [0], 0.5),
        ([math.inf, 1], [-math.inf, 0], 0.0),
    ],
)
def test_eer_by_hand(mated, non_mated, expected: float) -> None:
    assert eer(mated, non_mated) == pytest.approx(expected)


@pytest.mark.parametrize(("mated", "non_mated"), [([], [1.0]), ([1.0], []), ([], [])])
def test_an_empty_class_gives_no_figure(mated, non_mated) -> None:
    assert math.isnan(eer(mated, non_mated))
    assert math.isnan(fnmr_at_fmr(mated, non_mated, 0.1))
    assert math.isnan(threshold_at_eer(mated, non_mated))


def test_a_score_that_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="NaN"):
        eer([1.0, math.nan], [0.0])


@given(SCORES, SCORES)
def test_eer_is_the_same_for_any_monotone_score(mated, non_mated) -> None:
    moved = eer(np.arctan(mated) * 3 + 1, np.arctan(non_mated) * 3 + 1)
    assert eer(mated, non_mated) == pytest.approx(moved)


@given(SCORES, SCORES)
def test_eer_of_mirrored_scores(mated, non_mated) -> None:
    """Swapping the classes and the direction leaves it; swapping the direction alone mirrors it."""
    rate = eer(mated, non_mated)
    assert 0 <= rate <= 1
    assert eer(-np.array(non_mated), -np.array(mated)) == pytest.approx(rate)
    assert eer(-np.array(mated), -np.array(non_mated)) == pytest.approx(1 - rate)


@given(SCORES, SCORES, st.integers(1, 5))
def test_eer_ignores_how_often_a_sample_is_repeated(mated, non_mated, times: int) -> None:
    assert eer(mated * times, non_mated) == pytest.approx(eer(mated, non_mated))


@given(SCORES, SCORES)
def test_eer_lies_between_the_best_and_the_worst_tie_breaking(mated, non_mated) -> None:
    own, others = np.array(mated), np.array(non_mated)
    rate = eer(own, others)
    assert eer(own + 0.1, others) - 1e-9 <= rate <= eer(own - 0.1, others) + 1e-9


@given(SCORES, SCORES)
def test_the_curves_are_scikit_learn_s(mated, non_mated) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    labels = [1] * len(mated) + [0] * len(non_mated)
    fpr, tpr, thresholds = metrics.roc_curve(labels, mated + non_mated, drop_intermediate=False)
    ours = error_rates(mated, non_mated)
    np.testing.assert_allclose(ours.thresholds, thresholds[::-1])
    np.testing.assert_allclose(ours.fmr, fpr[::-1], atol=1e-12)
    np.testing.assert_allclose(ours.fnmr, 1 - tpr[::-1], atol=1e-12)


@given(SCORES, SCORES)
def test_eer_is_the_root_on_scikit_learn_s_curve(mated, non_mated) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    optimize = pytest.importorskip("scipy.optimize")
    labels = [1] * len(mated) + [0] * len(non_mated)
    fpr, tpr, _ = metrics.roc_curve(labels, mated + non_mated, drop_intermediate=False)
    # The usual recipe (brentq on the interpolated ROC), along the curve's length, not its x axis,
    # so that vertical steps do not mislead it.
    along = np.arange(len(fpr))
    gap = lambda s: 1 - np.interp(s, along, tpr) - np.interp(s, along, fpr)  # noqa: E731
    root = optimize.brentq(gap, 0, along[-1])
    assert eer(mated, non_mated) == pytest.approx(np.interp(root, along, fpr), abs=1e-9)


@given(SCORES, st.floats(0, 1))
def test_the_threshold_keeps_its_promise_and_no_lower_one_does(non_mated, rate: float) -> None:
    threshold = threshold_at_fmr(non_mated, rate)
    scores = np.array(non_mated)
    assert np.mean(scores >= threshold) <= rate + 1e-9
    if threshold > -math.inf:
        assert np.mean(scores >= np.nextafter(threshold, -np.inf)) > rate - 1e-9


def test_fnmr_at_fmr_by_hand() -> None:
    non_mated = list(range(100))
    mated = [98.0, 98.5, 99.0, 120.0]
    assert fnmr_at_fmr(mated, non_mated, 0.01) == 0.25  # only 99 may pass: accept above 98
    assert fnmr_at_fmr(mated, non_mated, 0.0) == 0.75  # nothing may pass: accept above 99
    assert fnmr_at_fmr(mated, non_mated, 1.0) == 0.0


def test_tied_impostors_pass_together_or_not_at_all() -> None:
    assert fnmr_at_fmr([1.0], [1.0, 1.0, 0.0, 0.0], 0.25) == 1.0


def test_the_threshold_at_eer_separates() -> None:
    assert threshold_at_eer([3, 4], [1, 2]) == 2.5
    assert threshold_at_eer([1], [1]) == 1.0


def test_small_samples_support_no_small_rates() -> None:
    assert supports(300, 0.01)
    assert not supports(299, 0.01)
    assert not supports(0, 0.5)
