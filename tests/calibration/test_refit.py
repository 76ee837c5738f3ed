from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sigsearch.calibration import fit_set, refit
from sigsearch.calibration.claims import claims_of
from sigsearch.calibration.fit import comparisons_of, merge
from sigsearch.errors import CalibrationError
from sigsearch.matching.calibration import CalibrationSet
from sigsearch.matching.fusion import FusionWeights
from sigsearch.matching.head import Head
from sigsearch.trials.trial import Trial

PLAIN = FusionWeights(own=0.0)


def invented_trials(
    writers: int, dataset: str = "a", forged: int = 12, shift: float = 0.0
) -> list[Trial]:
    """Writers with eight references; genuine at 2, forgeries at 0, others at -2, all + shift."""
    random = np.random.default_rng(len(dataset) + writers)

    def scores(mean: float, count: int) -> np.ndarray:
        return random.normal(mean + shift, 1, (count, 1)) + random.normal(0, 0.2, (count, 8))

    return [
        Trial(
            dataset,
            str(w),
            str(w),
            np.arange(12),
            scores(2, 12),
            scores(0, forged),
            scores(-2, 60),
            np.full((8, 8), 2.0),
            np.zeros(12),
            np.zeros(60),
        )
        for w in range(writers)
    ]


def test_every_proposition_and_number_of_references_gets_a_calibration():
    found = fit_set(invented_trials(8), "invented", "e", PLAIN)
    kinds = {(c.proposition, c.reference_count) for c in found.calibrations}
    assert kinds == {(p, n) for p in ("skilled", "random", "both") for n in (1, 2, 3, 5, 8)}


def test_without_forgeries_only_random_ones_are_calibrated():
    found = fit_set(invented_trials(8, forged=0), "invented", "e", PLAIN)
    assert {c.proposition for c in found.calibrations} == {"random"}


def test_every_dataset_counts_the_same_however_many_writers_it_has():
    trials = invented_trials(20, "large") + invented_trials(5, "small")
    claims = claims_of(trials, "skilled", 3)
    weight = dict.fromkeys(("large", "small"), 0.0)
    for trial, claim in zip(trials, claims, strict=True):
        weight[trial.dataset] += claim.weight
    assert weight == pytest.approx({"large": 1.0, "small": 1.0})


def test_draws_of_one_hand_are_one_writer():
    trials = invented_trials(6) + invented_trials(6)
    mated, _ = comparisons_of(trials, "skilled", 2, PLAIN)
    assert len(np.unique(mated.writers)) == 6


def test_more_draws_of_references_are_no_more_evidence():
    once, often = invented_trials(20), invented_trials(20) * 5
    for one, five in zip(
        *(fit_set(trials, "invented", "e", PLAIN).calibrations for trials in (once, often)),
        strict=True,
    ):
        assert (five.mated, five.non_mated) == (one.mated, one.non_mated)
        assert five.rates.least_fmr == one.rates.least_fmr
        assert five.rates.least_fnmr == one.rates.least_fnmr
        assert (five.lower, five.upper) == pytest.approx((one.lower, one.upper), abs=0.011)


def test_signatures_questioned_in_one_draw_only_are_counted_once_each():
    first, second = invented_trials(6), invented_trials(6)
    later = [replace(t, questioned=t.questioned + 4) for t in second]
    mated, others = comparisons_of([*first, *later], "skilled", 2, PLAIN)
    assert (len(mated), mated.distinct) == (6 * 24, 6 * 16)
    assert (len(others), others.distinct) == (6 * 24, 6 * 12)


def test_writers_of_one_hand_are_asked_of_one_stranger_apart():
    trials = invented_trials(6)
    second = [replace(t, writer=f"{t.writer} under another name") for t in trials]
    _, others = comparisons_of([*trials, *second], "random", 2, PLAIN)
    assert others.distinct == len(others) == 2 * 6 * 60


def test_against_both_the_scarcer_kind_says_how_rare_an_error_may_be():
    _, others = comparisons_of(invented_trials(6), "both", 2, PLAIN)
    assert others.distinct == 2 * 6 * 12


def test_against_both_each_kind_weighs_half():
    _, others = comparisons_of(invented_trials(6), "both", 2, PLAIN)
    skilled = 6 * 12
    assert others.weights[:skilled].sum() == pytest.approx(others.weights[skilled:].sum())


def test_a_shifted_population_gets_its_own_thresholds():
    former = fit_set(invented_trials(30), "shipped", "e", PLAIN)
    own = refit(invented_trials(30, "own", shift=1.5), former, "own", fmr=0.05, fnmr=0.05)
    change = next(c for c in own.changes if c.proposition == "random" and c.reference_count == 3)
    assert change.fmr_before > 0.1
    assert change.fmr_after == pytest.approx(0.05, abs=0.02)
    assert change.cllr_after < change.cllr_before


def test_what_the_data_do_not_hold_is_kept():
    former = fit_set(invented_trials(30), "shipped", "e", PLAIN)
    own = refit(invented_trials(30, "own", forged=0), former, "own", fmr=0.05, fnmr=0.05)
    assert own.calibrations.choose("random", 3).calibrated_on == "own"
    assert own.calibrations.choose("skilled", 3).calibrated_on == "shipped"
    assert own.calibrations.fusion == former.fusion


def with_channels(trials: list[Trial]) -> list[Trial]:
    """The same, cosine and common part beside each pair score, as a head needs them."""

    def wide(scores: np.ndarray) -> np.ndarray:
        return np.stack([scores, 0.1 * scores, np.zeros_like(scores)], axis=-1)

    return [
        replace(t, genuine=wide(t.genuine), skilled=wide(t.skilled), random=wide(t.random),
                own=wide(t.own))
        for t in trials
    ]  # fmt: skip


def test_a_search_does_without_the_head_and_has_calibrations_of_its_own():
    head = Head({1: (0.0, 1.0, 0.0, 0.0), 2: (5.0, 1.0, *[0.0] * 14)})
    weights = replace(PLAIN, head=head, search_own=0.0)
    found = fit_set(with_channels(invented_trials(8)), "invented", "e", weights)
    assert [c.reference_count for c in found.searches] == [2, 3, 5, 8]
    assert found.choose_for_search(1) == found.choose("random", 1)
    assert found.search_fusion(1).head == head
    assert found.search_fusion(4).head is None
    assert found.choose_for_search(4) == found.searches[1]
    level = found.choose("random", 3).threshold_at_fmr(0.05)
    assert level - found.choose_for_search(3).threshold_at_fmr(0.05) == pytest.approx(5, abs=0.3)
    own = replace(weights, own=0.8, search_own=0.3)
    assert own.for_search() == replace(own, head=None, own=0.3)
    assert FusionWeights.from_dict(own.to_dict()) == own
    again = CalibrationSet.from_dict(found.to_dict())
    assert [c.facts() for c in again.searches] == [c.facts() for c in found.searches]
    assert again.identity == found.identity != replace(found, searches=()).identity


def test_searches_are_of_the_population_that_knows_of_strangers():
    head = Head({1: (0.0, 1.0, 0.0, 0.0), 2: (0.0, 1.0, *[0.0] * 14)})
    former = fit_set(with_channels(invented_trials(8)), "a", "e", replace(PLAIN, head=head))
    alone = replace(former, calibrated_on="b", searches=())
    assert merge(alone, former).searches == ()
    skilled = tuple(c for c in former.calibrations if c.proposition == "skilled")
    assert merge(replace(alone, calibrations=skilled), former).searches == former.searches


def test_without_a_head_a_search_fuses_as_a_verification_does():
    found = fit_set(invented_trials(8), "invented", "e", PLAIN)
    assert found.searches == ()
    assert found.choose_for_search(3) == found.choose("random", 3)
    assert found.search_fusion(3) == PLAIN


@pytest.mark.parametrize(
    ("writers", "fmr", "reason"), [(3, 0.05, "at least 5"), (6, 0.0001, "and above")]
)
def test_too_little_data_is_refused_with_the_reason(writers, fmr, reason):
    former = fit_set(invented_trials(30), "shipped", "e", PLAIN)
    with pytest.raises(CalibrationError, match=reason):
        refit(invented_trials(writers, "own"), former, "own", fmr=fmr, fnmr=0.05)


def test_plain_signatures_are_handicapped_against_random_forgeries_alone():
    plain = [
        replace(t, genuine_plain=np.full(12, 2.0), random_plain=np.full(60, 4.0))
        for t in invented_trials(6)
    ]
    weights = replace(PLAIN, plain=0.5)
    for proposition, moved in (("random", (1.0, 2.0)), ("skilled", (0, 0)), ("both", (0, 0))):
        before = comparisons_of(plain, proposition, 2, replace(weights, plain=0.0))
        after = comparisons_of(plain, proposition, 2, weights)
        for was, now, by in zip(before, after, moved, strict=True):
            np.testing.assert_allclose(was.values - now.values, by, atol=1e-12)
