from __future__ import annotations

import json
from statistics import NormalDist

import numpy as np
import pytest
from score_sets import normal_comparisons

from sigsearch.calibration.tabulating import tabulate
from sigsearch.errors import CalibrationError
from sigsearch.matching.rates import RateTable, rarer
from sigsearch.metrics import Comparisons

MATED, NON_MATED = normal_comparisons(1.5, 40, 1), normal_comparisons(-1.5, 100, 2)
TABLE = tabulate(MATED, NON_MATED)


@pytest.mark.parametrize("rate", [0.3, 0.1, 0.03, 0.01])
def test_the_stated_false_match_rate_is_the_one_observed(rate):
    threshold = TABLE.threshold_at_fmr(rate)
    assert np.mean(NON_MATED.values >= threshold) == pytest.approx(rate, rel=0.15)
    assert TABLE.fmr_at(threshold).rate == pytest.approx(rate, rel=0.05)


@pytest.mark.parametrize("rate", [0.3, 0.1, 0.03])
def test_the_stated_false_non_match_rate_is_the_one_observed(rate):
    threshold = TABLE.threshold_at_fnmr(rate)
    assert np.mean(MATED.values < threshold) == pytest.approx(rate, rel=0.15)


def test_intervals_hold_the_truth():
    truth = 1 - NormalDist().cdf(0.5 + 1.5)
    seen = TABLE.fmr_at(0.5)
    assert seen.low < seen.rate < seen.high
    assert seen.low <= truth <= seen.high


@pytest.mark.parametrize("writers", [5, 10, 35])
def test_a_threshold_from_few_holds_on_average(writers):
    random = np.random.default_rng(writers)
    known = random.exponential(size=(20_000, writers)).mean(axis=1)
    asked = -np.log(0.01)
    assert np.mean(np.exp(-asked * known)) > 0.0125
    assert np.mean(np.exp(-rarer(asked, writers) * known)) == pytest.approx(0.01, rel=0.1)


def test_what_is_asked_of_few_grows_with_rarity_and_stays_a_number():
    asked = np.array([0.0, 0.1, 1.0, 5.0, 50.0, 700.0])
    for writers in (5, 35, 10_000):
        wanted = np.array([rarer(one, writers) for one in asked])
        assert np.all(np.diff(wanted) >= 0)
        assert np.all(np.exp(-wanted) > 0)
        assert np.all(wanted >= np.minimum(asked, 600.0) - 1e-9)
    assert rarer(5.0, 10_000) == pytest.approx(5.0, abs=0.01)


def test_beyond_the_table_thresholds_go_on_rising():
    rates = [1e-2, 1e-3, 1e-4, 1e-5, 1e-6]
    thresholds = [TABLE.threshold_at_fmr(rate) for rate in rates]
    assert np.all(np.diff(thresholds) > 0)
    assert [TABLE.supports_fmr(r) for r in rates] == [True, True, False, False, False]


def test_an_equal_score_counts_as_reaching():
    writers = np.arange(4)
    own = Comparisons(np.array([1.0, 2.0, 3.0, 4.0]), writers, np.ones(4))
    others = Comparisons(np.array([0.0, 1.0, 2.0, 2.0]), writers, np.ones(4))
    table = tabulate(own, others)
    assert table.fmr_at(2.0).rate == 0.5
    assert table.fnmr_at(2.0).rate == 0.25


def test_weights_let_each_comparison_count_for_what_it_stands_for():
    heavy = Comparisons(NON_MATED.values, NON_MATED.writers, np.where(NON_MATED.writers < 3, 9, 1))
    moved = Comparisons(heavy.values + 2.0 * (heavy.writers < 3), heavy.writers, heavy.weights)
    threshold = tabulate(MATED, moved).threshold_at_fmr(0.1)
    accepted = moved.weights[moved.values >= threshold].sum() / moved.weights.sum()
    assert accepted == pytest.approx(0.1, rel=0.1)


def test_the_table_survives_json():
    back = RateTable.from_dict(json.loads(json.dumps(TABLE.to_dict())))
    assert back.threshold_at_fmr(0.02) == pytest.approx(TABLE.threshold_at_fmr(0.02), abs=1e-3)
    assert back.least_fmr == TABLE.least_fmr


def test_comparisons_of_the_same_signatures_support_no_smaller_rate():
    five = [
        Comparisons(np.tile(c.values, 5), np.tile(c.writers, 5), np.tile(c.weights, 5), repeats=5)
        for c in (MATED, NON_MATED)
    ]
    table = tabulate(*five)
    assert (table.least_fmr, table.least_fnmr) == (3 / len(NON_MATED), 3 / len(MATED))
    assert not table.supports_fmr(2 / len(NON_MATED))
    np.testing.assert_allclose(table.threshold_at_fmr(0.05), TABLE.threshold_at_fmr(0.05), rtol=0.1)


@pytest.mark.parametrize("rate", [0.0, 1.0, -0.1, float("nan")])
def test_what_is_no_rate_is_refused(rate):
    with pytest.raises(CalibrationError, match="between 0 and 1"):
        TABLE.threshold_at_fmr(rate)


def test_a_class_without_comparisons_is_refused():
    nothing = Comparisons(np.zeros(0), np.zeros(0, np.int64), np.zeros(0))
    with pytest.raises(CalibrationError, match="missing"):
        tabulate(MATED, nothing)


@pytest.mark.parametrize("rate", [0.3, 0.05, 0.01, 1e-4, 1e-8])
def test_rarity_is_the_counterpart_of_the_threshold(rate):
    table = tabulate(normal_comparisons(1.5, 40, 1), normal_comparisons(-1.5, 100, 2))
    assert table.rarity(table.threshold_at_fmr(rate)) == pytest.approx(-np.log(rate), rel=0.02)


def test_rarity_never_falls_as_scores_rise():
    table = tabulate(normal_comparisons(1.5, 40, 1), normal_comparisons(-1.5, 100, 2))
    rarities = [table.rarity(score) for score in np.linspace(-8, 8, 200)]
    assert (np.diff(rarities) >= 0).all()
    assert rarities[0] == pytest.approx(0, abs=0.01)
