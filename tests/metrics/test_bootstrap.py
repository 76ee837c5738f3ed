from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sigsearch.metrics import (
    Comparisons,
    WriterBootstrap,
    crossing,
    eer,
    fnmr_at_fmr,
    fnmr_where,
    interval,
)


def sample(seed: int, writers: int = 6, each: int = 7):
    random = np.random.default_rng(seed)
    who = np.repeat(np.arange(writers), each)
    offset = random.normal(size=writers)[who]
    mated = np.round(random.normal(1.0, 1.0, len(who)) + offset, 1)
    non_mated = np.round(random.normal(0.0, 1.0, len(who)) + offset, 1)
    return mated, non_mated, who


def sides(mated, non_mated, who) -> tuple[Comparisons, Comparisons]:
    return tuple(Comparisons.alike(one, who[: len(one)]) for one in (mated, non_mated))


@given(st.integers(0, 200))
@settings(max_examples=30)
def test_each_resample_is_the_figure_of_the_repeated_writers(seed: int) -> None:
    """The matrix products give what resampling the writers one by one would give."""
    mated, non_mated, who = sample(seed)
    bootstrap = WriterBootstrap.draw(6, resamples=5, seed=seed)
    rates = crossing(*bootstrap.curves(*sides(mated, non_mated, who)))
    at_rate = fnmr_where(*bootstrap.curves(*sides(mated, non_mated, who)), 0.1)
    means = bootstrap.mean(mated, who)
    for row, counts in enumerate(bootstrap.counts.astype(int)):
        rows = np.concatenate([np.flatnonzero(who == w) for w in np.repeat(range(6), counts)])
        assert rates[row] == pytest.approx(eer(mated[rows], non_mated[rows]))
        assert at_rate[row] == pytest.approx(fnmr_at_fmr(mated[rows], non_mated[rows], 0.1))
        assert means[row] == pytest.approx(mated[rows].mean())


def test_a_writer_without_scores_does_not_count() -> None:
    mated, non_mated, who = sample(1)
    with_empty = WriterBootstrap(np.hstack([np.ones((1, 6)), [[3.0]]]))
    assert crossing(*with_empty.curves(*sides(mated, non_mated, who)))[0] == pytest.approx(
        eer(mated, non_mated)
    )


def test_many_scores_are_binned_without_harm() -> None:
    random = np.random.default_rng(0)
    who = np.repeat(np.arange(10), 1000)
    mated, non_mated = random.normal(2, 1, 10000), random.normal(0, 1, 10000)
    once = WriterBootstrap(np.ones((1, 10)))
    assert crossing(*once.curves(*sides(mated, non_mated, who)))[0] == pytest.approx(
        eer(mated, non_mated), abs=1e-3
    )
    assert fnmr_where(*once.curves(*sides(mated, non_mated, who)), 0.01)[0] == pytest.approx(
        fnmr_at_fmr(mated, non_mated, 0.01), abs=0.02
    )


def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    truth = 0.5 * math.erfc(0.5 / math.sqrt(2))  # EER of N(1, 1) against N(0, 1)
    covered = 0
    for seed in range(60):
        random = np.random.default_rng(seed)
        who = np.repeat(np.arange(40), 10)
        shift = random.normal(0, 0.5, 40)[who]  # writers differ, so comparisons are not independent
        scale = math.sqrt(1 - 0.25)
        mated = 1 + shift + random.normal(0, scale, 400)
        non_mated = shift + random.normal(0, scale, 400)
        rates = crossing(*WriterBootstrap.draw(40, 300, seed).curves(*sides(mated, non_mated, who)))
        low, high = interval(rates)
        covered += low <= truth <= high
    assert covered >= 50  # 57 expected


def test_one_writer_gives_no_interval() -> None:
    mated, non_mated, who = sample(2, writers=1)
    low, high = interval(
        crossing(*WriterBootstrap.draw(1, 50).curves(*sides(mated, non_mated, who)))
    )
    assert math.isnan(low)
    assert math.isnan(high)


def test_an_empty_class_gives_no_interval() -> None:
    rates = crossing(
        *WriterBootstrap.draw(3, 20).curves(*sides(np.zeros(0), np.ones(1), np.zeros(1, int)))
    )
    assert all(math.isnan(end) for end in interval(rates))
