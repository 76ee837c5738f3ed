from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from score_sets import calibration_set, normal_calibration, normal_comparisons

from sigsearch.calibration.bounds import empirical_bounds
from sigsearch.calibration.logistic import fit_calibration, fit_logistic
from sigsearch.errors import CalibrationError
from sigsearch.matching.calibration import CalibrationSet
from sigsearch.metrics import Comparisons


def test_the_fitted_likelihood_ratio_is_the_true_one():
    calibration = normal_calibration()
    truth = 3 * np.array([-0.5, 0.0, 0.5]) / np.log(10)
    np.testing.assert_allclose(calibration.llr([-0.5, 0.0, 0.5]), truth, atol=0.1)


def test_no_more_evidence_is_claimed_than_the_comparisons_support():
    calibration = normal_calibration()
    assert calibration.llr(1e6) == calibration.upper <= np.log10(calibration.non_mated + 1)
    assert calibration.llr(-1e6) == calibration.lower >= -np.log10(calibration.mated + 1)


def test_bounds_are_those_of_vergeer_and_others():
    # Made with lir 1.3.1: lir.algorithms.bayeserror.elub on the same numbers.
    random = np.random.default_rng(7)
    own, others = random.normal(1.3, 1.0, 300), random.normal(-1.3, 1.0, 500)
    lower, upper = empirical_bounds(own, others)
    assert (round(lower, 2), round(upper, 2)) == (-1.71, 1.99)


def test_drawing_references_anew_does_not_widen_the_bounds():
    random = np.random.default_rng(7)
    own, others = random.normal(1.3, 1.0, 300), random.normal(-1.3, 1.0, 500)
    often = empirical_bounds(np.tile(own, 5), np.tile(others, 10), (5, 10))
    assert often == pytest.approx(empirical_bounds(own, others), abs=1e-9)
    assert empirical_bounds(np.tile(own, 5), np.tile(others, 10))[1] > often[1]


def test_evidence_that_misleads_is_bounded_to_none():
    assert empirical_bounds([-3.0, -2.0, -4.0], [3.0, 2.0, 4.0]) == (0.0, 0.0)


def test_separable_scores_stay_finite():
    writers = np.arange(6)
    own = Comparisons(np.full(6, 5.0) + writers, writers, np.ones(6))
    others = Comparisons(np.full(6, -5.0) - writers, writers, np.ones(6))
    slope, offset = fit_logistic(own, others)
    assert 0 < slope < 10
    assert abs(offset) < 1


def test_weights_count_in_the_fit():
    own, others = normal_comparisons(1.5, 40, 1), normal_comparisons(-1.5, 100, 2)
    doubled = Comparisons(
        np.concatenate([others.values, others.values]),
        np.concatenate([others.writers, others.writers]),
        np.repeat([0.25, 0.75], len(others)),
    )
    np.testing.assert_allclose(fit_logistic(own, doubled), fit_logistic(own, others), atol=0.01)


def test_too_few_writers_are_refused():
    writers = np.arange(4)
    few = Comparisons(np.arange(4.0), writers, np.ones(4))
    with pytest.raises(CalibrationError, match="at least 5"):
        fit_calibration(few, few, population="p", proposition="skilled", references=1)


def test_labels_the_wrong_way_round_are_refused():
    with pytest.raises(CalibrationError, match="check the labels"):
        fit_calibration(
            normal_comparisons(-1, 5, 0),
            normal_comparisons(1, 5, 1),
            population="p",
            proposition="skilled",
            references=1,
        )


@pytest.mark.parametrize(("enrolled", "used"), [(1, 1), (2, 1), (3, 3), (7, 3), (8, 8), (40, 8)])
def test_the_nearest_lower_number_of_references_is_used(enrolled, used):
    assert calibration_set().choose("skilled", enrolled).reference_count == used


def test_an_uncalibrated_proposition_is_named():
    with pytest.raises(CalibrationError, match=r"'both'.*random, skilled"):
        calibration_set().choose("both", 3)


def test_a_set_survives_its_file(tmp_path):
    path = tmp_path / "calibration.json"
    before = calibration_set()
    before.save(path)
    after = CalibrationSet.load(path)
    assert after.encoder == "fake-encoder"
    assert [c.facts() for c in after.calibrations] == [c.facts() for c in before.calibrations]


@pytest.mark.parametrize("fault", [{"format": 99}, {"fusion": {}}, {"calibrations": [{}]}])
def test_a_damaged_file_is_named(tmp_path, fault):
    path = tmp_path / "calibration.json"
    path.write_text(json.dumps(calibration_set().to_dict() | fault))
    with pytest.raises(CalibrationError, match=r"calibration\.json"):
        CalibrationSet.load(path)


def test_of_strangers_more_is_asked_than_a_few_writers_show_and_of_imitations_what_they_show():
    for proposition, more in (("skilled", False), ("random", True)):
        calibration = normal_calibration(proposition)
        plain, asked = calibration.rates.threshold_at_fmr(0.01), calibration.threshold_at_fmr(0.01)
        assert (asked > plain) == more
        assert (calibration.rates.fmr_at(asked).rate < 0.0099) == more
        known = replace(calibration, writer_count=100_000)
        assert known.threshold_at_fmr(0.01) == pytest.approx(plain, abs=1e-3)
