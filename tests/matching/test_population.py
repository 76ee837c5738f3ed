"""Populations whose strangers come as near as the test says."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from score_sets import calibration_set, normal_calibration

from sigsearch.errors import CalibrationError
from sigsearch.matching.decision import decide
from sigsearch.matching.gallery import identify
from sigsearch.matching.population import Asked, Population, Tail, fit_population
from sigsearch.matching.rivals import SHARE, STRANGERS_LEAD, crowding

CALIBRATIONS = calibration_set()


def asked_of(
    writers: int, each: int = 3, shift: float = 0.0, spread: float = 1.0, seed: int = 0
) -> list[Asked]:
    """References of writers whose comparisons with others have exponential rarities, as in the
    calibration's population, but for `spread` and `shift`; own references lie far above."""
    random = np.random.default_rng(seed)
    found = []
    for writer in range(writers):
        for _ in range(each):
            rarities = random.exponential(spread, writers - 1) + shift
            rival = int((writer + 1 + rarities.argmax()) % writers)
            others = tuple(rarities[:4].tolist())
            best, *behind = np.sort(rarities)[::-1][:9].tolist()
            found.append(Asked(f"w{writer}", f"w{rival}", best, 25.0, others, behind=tuple(behind)))
    return found


def fitted(asked: list[Asked], writers: int) -> Population:
    found = fit_population(asked, writers=writers, references=3 * writers, calibration="c")
    assert found is not None
    return found


def named(population: Population, writers: int, shift: float, spread: float) -> float:
    """The share of 4,000 strangers whose nearest writer reaches the threshold of FPIR 5 %."""
    random = np.random.default_rng(99)
    near = random.exponential(spread, (4000, writers)) + shift
    lead = (near - crowding(near, population.rivals)).max(axis=1)
    return float(np.mean(lead >= population.rarity_for_fpir(0.05, writers)))


def test_a_population_like_the_calibrations_changes_little():
    found = fitted(asked_of(60), 60)
    assert found.fmr_for_fmr(0.01) == pytest.approx(0.01, rel=0.5)
    law = (1 - SHARE) * math.log(60) - math.log(-math.log(0.95)) + STRANGERS_LEAD
    assert found.rarity_for_fpir(0.05, 60) == pytest.approx(law, abs=0.4)


@pytest.mark.parametrize(("shift", "spread"), [(0.0, 1.0), (4.0, 1.0), (0.0, 0.6), (1.0, 1.5)])
@pytest.mark.parametrize("writers", [30, 100])
def test_the_stated_rate_holds_among_strangers_of_its_own_kind(writers, shift, spread):
    rates = []
    for seed in range(8):
        found = fitted(asked_of(writers, 3, shift, spread, seed), writers)
        rates.append(named(found, writers, shift, spread))
    # Thirty are drawn towards the calibration: where they differ less than its writers, too far.
    assert (0.015 if spread < 1 else 0.025) <= np.mean(rates) <= 0.1


def test_few_writers_who_agree_with_themselves_do_not_name_more_strangers():
    """Ten writers whose references all come equally near to others are ten observations, not a
    hundred: the stated rate has to hold on average over such galleries."""
    near = np.random.default_rng(99).exponential(1.0, (40_000, 10))
    lead = (near - crowding(near)).max(axis=1)
    rates = []
    for seed in range(150):
        random = np.random.default_rng(seed)
        others = -np.sort(-random.exponential(1.0, (10, 9)), axis=1)
        asked = [
            Asked(f"w{n}", f"w{(n + 1) % 10}", best, 25.0, (0.5,), behind=tuple(behind))
            for n, (best, *behind) in enumerate(others.tolist())
            for _ in range(10)
        ]
        rates.append(np.mean(lead >= fitted(asked, 10).rarity_for_fpir(0.01, 10)))
    assert 0.004 <= np.mean(rates) <= 0.02


def test_beyond_what_few_have_shown_a_tail_bends_upwards():
    straight, bent = Tail(0.5, 2.0), Tail(0.5, 2.0, above=2.0, writer_count=5)
    assert bent.at(2.0) == straight.at(2.0) == 4.5
    assert bent.at(1.0) == straight.at(1.0)
    x = (bent.at(4.0) - 4.5) / 2  # in units of the tail
    assert (1 + x / 5) ** -5 == pytest.approx(math.exp(-2.0))
    assert Tail(0.5, 2.0, 2.0, 10**6).at(4.0) == pytest.approx(straight.at(4.0), rel=1e-5)


def test_the_rate_of_single_comparisons_holds_too():
    found = fitted(asked_of(100, shift=0.5, spread=2.0), 100)
    random = np.random.default_rng(3)
    strangers = random.exponential(2.0, 100_000) + 0.5
    rate = np.mean(strangers >= -math.log(found.fmr_for_fmr(0.01)))
    assert 0.005 <= rate <= 0.02


def test_too_few_show_nothing():
    for writers, each in ((9, 5), (12, 2)):
        few = asked_of(writers, each)
        assert fit_population(few, writers=writers, references=9, calibration="c") is None


def test_a_wrong_label_or_one_person_under_two_names_does_not_spoil_the_threshold():
    clean = asked_of(40)
    doubted = [
        replace(one, rival="w1", best=24.0, own=2.0 if n == 0 else 26.0)
        if one.writer == "w0"
        else one
        for n, one in enumerate(clean)
    ]
    found = fitted(doubted, 40)
    assert found.set_aside == 3
    assert "3 of them set aside" in found.name
    spoiled = [replace(one, own=math.nan) for one in doubted]
    level = fitted(clean, 40).rarity_for_fpir(0.01, 40)
    assert found.rarity_for_fpir(0.01, 40) == pytest.approx(level, abs=0.5)
    assert fitted(spoiled, 40).rarity_for_fpir(0.01, 40) > level + 1


def test_copies_are_set_aside():
    copied = [replace(one, best=30.0, copied=True) for one in asked_of(40)[:2]]
    assert fitted(copied + asked_of(40)[2:], 40).set_aside == 2


def test_where_many_are_nearer_to_others_that_is_what_the_population_is_like():
    alike = [replace(one, best=24.0, own=20.0) for one in asked_of(40)]
    found = fitted(alike, 40)
    assert 4 <= found.set_aside <= 4 * 6  # no more than four pairs of writers
    assert found.rarity_for_fpir(0.01, 40) > 20


def test_who_would_stay_unknown_is_read_off_the_writers_own_references():
    own = [replace(one, own=float(n)) for n, one in enumerate(asked_of(40))]
    found = fitted([replace(one, best=-1.0) for one in own], 40)
    assert found.fnir(60.0) == pytest.approx(0.5, abs=0.03)
    assert found.fnir(300.0) == 1.0
    alone = fitted([replace(one, own=math.nan) for one in own], 40)
    assert alone.fnir(5.0) is None


def test_a_document_gives_the_same_population_back():
    found = fitted(asked_of(40), 40)
    assert Population.from_setting(json.loads(json.dumps(found.to_setting()))) == found
    with pytest.raises(CalibrationError, match="population"):
        Population.from_setting({"best": 3})


def test_it_is_outgrown_by_half_either_way():
    found = fitted(asked_of(40), 40)
    assert not found.outgrown(59, 179)
    assert found.outgrown(60, 120)
    assert found.outgrown(40, 180)
    assert found.outgrown(26, 120)


def test_identification_rests_on_it_and_says_so():
    near = fitted(asked_of(40, shift=5.0), 40)
    plain = identify([0.0], [3], 40, CALIBRATIONS)
    own = identify([0.0], [3], 40, CALIBRATIONS, population=near)
    handicapped = identify([0.0], [3], 40, CALIBRATIONS, population=near, handicap=0.3)
    assert handicapped.standings[0].threshold == own.standings[0].threshold
    assert own.standings[0].threshold > plain.standings[0].threshold
    assert own.threshold_from.startswith("this index (40 writers, 120 references")
    assert plain.threshold_from == CALIBRATIONS.calibrated_on
    assert plain.fnir is None
    assert own.fnir is not None
    assert own.extrapolated
    many = identify([0.0], [3], 40, CALIBRATIONS, fpir=0.08, population=near)
    assert not many.extrapolated


def test_three_signatures_of_a_writer_show_no_more_of_a_rate_than_one():
    assert len(asked_of(40)) == 120
    assert not fitted(asked_of(40), 40).supports_fpir(0.05)
    assert fitted(asked_of(40), 40).supports_fpir(0.075)


def test_verification_rests_on_it_against_random_forgeries_alone():
    near = replace(fitted(asked_of(40), 40), pairs=Tail(2.0, 1.0))
    for proposition, moved in (("random", True), ("skilled", False)):
        calibration = normal_calibration(proposition)
        plain = decide(1.0, calibration, 0.05, 0.05)
        own = decide(1.0, calibration, 0.05, 0.05, near)
        assert decide(1.0, calibration, 0.05, 0.05, near, 0.3).threshold == own.threshold
        assert (own.threshold > plain.threshold) is moved
        assert (own.evidence.threshold_from == near.name) is moved
        told = own.evidence.calibrated_on
        assert told == plain.evidence.threshold_from == calibration.calibrated_on


def two_alike(own: float, near: float = 9.0) -> Population:
    """Ten writers, two of whom sign alike; the others are far from everybody."""
    asked = [
        Asked(
            f"w{n}",
            f"w{1 - n if n < 2 else 0}",
            near if n < 2 else 2.0,
            own + 0.01 * (5 * n + k),
            (0.5,),
        )
        for n in range(10)
        for k in range(5)
    ]
    return fitted(asked, 10)


def test_two_writers_who_sign_alike_do_not_make_a_small_index_name_nobody():
    found = two_alike(own=11.0)
    threshold = found.rarity_for_fpir(0.01, 10)
    assert 9.0 < threshold < 11.2
    assert found.fnir(found.rarity_for_fpir(0.01, 10)) <= 0.11
    assert replace(found, nearest=math.inf).rarity_for_fpir(0.01, 10) > 13
    # but never below the nearest stranger, and a stricter rate asks for more
    assert two_alike(own=9.0).rarity_for_fpir(0.01, 10) > 9.4
    assert found.rarity_for_fpir(0.001, 10) > found.rarity_for_fpir(0.01, 10)


def test_a_population_that_was_kept_before_says_nothing_of_the_nearest_stranger():
    setting = two_alike(own=11.0).to_setting()
    del setting["nearest"]
    assert Population.from_setting(setting).nearest == math.inf
    assert "nearest" not in Population.from_setting(setting).to_setting()


def test_a_candidate_has_to_come_nearer_than_the_others_do():
    population = fitted(asked_of(40), 40)
    far = identify([4.0, *[-3.0] * 6], [3] * 7, 40, CALIBRATIONS, population=population)
    near = identify([4.0, *[3.9] * 6], [3] * 7, 40, CALIBRATIONS, population=population)
    assert far.decision == "identified"
    assert near.decision == "unknown"
    best = near.standings[0]
    assert best.raised > far.standings[0].raised >= 0
    assert best.threshold - best.raised == pytest.approx(
        far.standings[0].threshold - far.standings[0].raised
    )


def test_one_person_under_two_names_is_still_found():
    population = fitted(asked_of(40), 40)
    twice = identify([4.0, 3.9, *[-3.0] * 5], [3] * 7, 40, CALIBRATIONS, population=population)
    assert twice.decision == "identified"


def test_a_population_that_was_kept_before_heeds_no_rivals():
    setting = fitted(asked_of(40), 40).to_setting()
    del setting["rivals"]
    before = Population.from_setting(setting)
    assert before.rivals == 0
    near = identify([4.0, *[3.9] * 6], [3] * 7, 40, CALIBRATIONS, population=before)
    assert [standing.raised for standing in near.standings] == [0.0] * 7
