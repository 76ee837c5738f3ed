from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from score_sets import calibration_set, normal_calibration

from sigsearch.errors import CalibrationError
from sigsearch.matching.gallery import identify, per_comparison_fmr
from sigsearch.matching.population import Population, Tail

CALIBRATIONS = calibration_set()


@pytest.mark.parametrize("writers", [1, 50, 5000])
def test_many_comparisons_together_give_the_stated_rate(writers):
    assert 1 - (1 - per_comparison_fmr(0.01, writers)) ** writers == pytest.approx(0.01)


def test_the_threshold_rises_with_the_gallery():
    few, many = (identify([0.0], [3], n, CALIBRATIONS).standings[0].threshold for n in (10, 10_000))
    assert few < many


def test_what_goes_beyond_the_calibration_set_says_so():
    assert not identify([0.0], [3], 10, CALIBRATIONS).extrapolated
    assert identify([0.0], [3], 100_000, CALIBRATIONS).extrapolated


def test_the_best_candidate_decides_and_the_rest_keep_their_order():
    verdict = identify([-1.0, 4.0, 0.5], [3, 3, 3], 50, CALIBRATIONS)
    assert verdict.order == (1, 2, 0)
    assert verdict.decision == "identified"
    assert [s.reached for s in verdict.standings] == [True, False, False]


def test_nobody_near_enough_is_unknown():
    assert identify([-1.0, 0.0], [1, 8], 50, CALIBRATIONS).decision == "unknown"
    assert identify([], [], 0, CALIBRATIONS).decision == "unknown"


def test_the_gallery_threshold_is_inclusive():
    threshold = identify([0.0], [3], 50, CALIBRATIONS).standings[0].threshold
    below = math.nextafter(threshold, -math.inf)
    assert identify([threshold], [3], 50, CALIBRATIONS).decision == "identified"
    assert identify([below], [3], 50, CALIBRATIONS).decision == "unknown"


def test_strangers_are_let_in_at_the_stated_rate_or_less_since_the_calibration_saw_few_writers():
    random = np.random.default_rng(5)
    threshold = identify([0.0], [1], 20, CALIBRATIONS, fpir=0.05).standings[0].threshold
    best = random.normal(-1.5, 1.0, (4000, 20)).max(axis=1)
    assert 0.02 < np.mean(best >= threshold) < 0.05


@pytest.mark.parametrize("fpir", [0.0, 1.0])
def test_what_is_no_rate_is_refused(fpir):
    with pytest.raises(CalibrationError):
        per_comparison_fmr(fpir, 5)


def test_a_plain_signature_needs_more_and_its_candidates_keep_their_order():
    easy = identify([1.0, 4.0], [3, 8], 50, CALIBRATIONS)
    hard = identify([1.0, 4.0], [3, 8], 50, CALIBRATIONS, handicap=0.4)
    assert hard.order == easy.order
    for after, before in zip(hard.standings, easy.standings, strict=True):
        assert after.score == before.score
        assert after.threshold - before.threshold == pytest.approx(0.4)
        assert after.llr <= before.llr


def test_without_a_population_candidates_are_weighed_as_by_a_verification():
    other = [normal_calibration("random", n) for n in (2, 3)]
    apart = replace(CALIBRATIONS, searches=tuple(replace(c, offset=c.offset - 9) for c in other))
    plain, found = (identify([1.0], [3], 40, c).standings[0] for c in (CALIBRATIONS, apart))
    assert found == plain
    own = Population(40, 120, 120, 0, 400, Tail(), Tail(), (), apart.identity, rivals=0.5)
    searched = identify([1.0], [3], 40, apart, population=own).standings[0]
    assert searched.llr < plain.llr
