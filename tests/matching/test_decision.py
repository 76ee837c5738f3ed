from __future__ import annotations

import json
import math

import numpy as np
import pytest
from score_sets import normal_calibration

from sigsearch.errors import CalibrationError
from sigsearch.matching.decision import decide, reaches, three_way
from sigsearch.schema import plain as as_json

CALIBRATION = normal_calibration()


def test_a_score_equal_to_a_threshold_reaches_it():
    assert reaches(0.25, 0.25)
    assert not reaches(math.nextafter(0.25, -math.inf), 0.25)


@pytest.mark.parametrize(
    ("score", "decision"),
    [
        (2.0, "match"),
        (math.nextafter(2.0, -math.inf), "inconclusive"),
        (1.0, "inconclusive"),
        (math.nextafter(1.0, -math.inf), "non_match"),
    ],
)
def test_both_thresholds_are_inclusive(score, decision):
    assert three_way(score, threshold=2.0, reject_below=1.0) == decision


def test_decide_uses_the_thresholds_that_it_reports():
    at = decide(0.0, CALIBRATION, fmr=0.01, fnmr=0.01)
    assert at.evidence.reject_below < at.threshold
    assert decide(at.threshold, CALIBRATION, 0.01, 0.01).decision == "match"
    assert decide(at.evidence.reject_below, CALIBRATION, 0.01, 0.01).decision == "inconclusive"
    below = math.nextafter(at.evidence.reject_below, -math.inf)
    assert decide(below, CALIBRATION, 0.01, 0.01).decision == "non_match"


@pytest.mark.parametrize("strength", [1.5, 2.0, 10.0])
@pytest.mark.parametrize("rate", [0.01, 0.05, 0.2, 0.4])
def test_firm_decisions_have_the_stated_strength_however_the_rates_lie(strength, rate):
    found = [
        decide(score, CALIBRATION, rate, rate, strength=strength)
        for score in np.linspace(-4, 4, 801)
    ]
    told = [(one.decision, 10**one.evidence.llr) for one in found]
    assert {decision for decision, _ in told} == {"match", "inconclusive", "non_match"}
    assert min(ratio for decision, ratio in told if decision == "match") >= strength - 1e-6
    assert max(ratio for decision, ratio in told if decision == "non_match") <= 1 / strength + 1e-6
    weak = [one for one in found if one.evidence.weak]
    assert weak
    assert {one.decision for one in weak} == {"inconclusive"}


def test_more_strength_than_the_calibration_supports_is_refused():
    with pytest.raises(CalibrationError, match=r"a strength of [\d.]+ and below, not 1e\+06"):
        decide(0.0, CALIBRATION, strength=1e6)


def test_a_smaller_rate_asks_for_a_higher_score():
    assert decide(0, CALIBRATION, fmr=0.005).threshold > decide(0, CALIBRATION, fmr=0.05).threshold


@pytest.mark.parametrize(("proposition", "moved"), [("random", 0.3), ("skilled", 0), ("both", 0)])
def test_a_handicap_raises_the_thresholds_against_random_forgeries_alone(proposition, moved):
    calibration = normal_calibration(proposition)
    plain = decide(0.7, calibration, 0.02, 0.02)
    with_it = decide(0.7, calibration, 0.02, 0.02, handicap=0.3)
    assert with_it.score == plain.score
    assert with_it.evidence.handicap == moved
    assert with_it.threshold - plain.threshold == pytest.approx(moved)
    assert with_it.evidence.reject_below - plain.evidence.reject_below == pytest.approx(moved)
    assert with_it.evidence.llr == pytest.approx(calibration.llr(0.7 - moved))
    assert with_it.evidence.fmr_observed.rate == pytest.approx(plain.evidence.fmr_observed.rate)
    same = decide(with_it.threshold, calibration, 0.02, 0.02, handicap=0.3)
    assert same.decision == "match"


@pytest.mark.parametrize(("fmr", "fnmr"), [(1e-6, 0.05), (0.01, 1e-6)])
def test_rates_beyond_the_calibration_set_are_refused_with_the_least_it_supports(fmr, fnmr):
    with pytest.raises(CalibrationError, match="and above"):
        decide(0.0, CALIBRATION, fmr, fnmr)


def test_the_result_tells_what_it_rests_on():
    told = json.loads(json.dumps(as_json(decide(0.3, CALIBRATION), decimals=4)))
    assert told["decision"] in ("match", "inconclusive", "non_match")
    evidence = told["evidence"]
    assert evidence["against"] == "skilled"
    assert evidence["calibrated_on"] == "invented"
    assert evidence["fnmr_observed"]["low"] <= evidence["fnmr_observed"]["rate"]
