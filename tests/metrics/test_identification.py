from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigsearch.metrics import cmc, open_set, ranks

SIMILARITY = [[9, 1, 1], [5, 4, 6], [1, 2, 3], [7, 7, 7]]
TRUE = [0, 1, 2, 0]


def test_ranks_by_hand() -> None:
    assert ranks(SIMILARITY, TRUE).tolist() == [1, 3, 1, 3]  # the tie counts against the writer


def test_cmc_by_hand() -> None:
    np.testing.assert_allclose(cmc([1, 3, 1, 3], 3), [0.5, 0.5, 1.0])
    assert np.isnan(cmc([], 3)).all()


@given(st.integers(2, 8), st.integers(1, 30), st.integers(0, 99))
def test_cmc_rises_to_one(writers: int, probes: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    similarity = random.integers(0, 4, (probes, writers))
    curve = cmc(ranks(similarity, random.integers(0, writers, probes)), writers)
    assert (np.diff(curve) >= 0).all()
    assert curve[-1] == pytest.approx(1.0)


def test_a_single_writer_is_always_first() -> None:
    assert ranks([[0.3], [0.1]], [0, 0]).tolist() == [1, 1]


def test_open_set_by_hand() -> None:
    own, found = [9.0, 8.0, 3.0, 9.5], [1, 1, 1, 2]
    at = open_set(own, found, [1, 2, 4, 8.5], fpir=0.25)  # 8.5 may pass: accept above 4
    assert (at.dir, at.fnir) == (0.5, 0.5)
    strict = open_set(own, found, [1, 2, 4, 8.5], fpir=0.0)
    assert strict.dir == 0.25
    assert open_set(own, found, [1, 2], fpir=1.0).dir == 0.75


def test_open_set_without_probes() -> None:
    assert math.isnan(open_set([], [], [1.0], 0.1).dir)
    assert math.isnan(open_set([1.0], [1], [], 0.1).dir)
