"""What others who come near take off."""

from __future__ import annotations

import numpy as np
import pytest

from sigsearch.matching.rivals import RIVALS, SHARE, STRANGERS_LEAD, crowding


def test_each_candidate_has_the_five_nearest_others_for_rivals():
    near = np.array([3.0, 9.0, 1.0, 5.0, 4.0, 2.0, 8.0, 0.5])
    for at, found in enumerate(crowding(near)):
        others = np.sort(np.delete(near, at))[::-1][:RIVALS]
        assert found == pytest.approx(SHARE * others.mean())


def test_where_there_are_fewer_the_missing_ones_are_not_near():
    assert crowding(np.array([7.0])).tolist() == [0.0]
    assert crowding(np.array([7.0, 4.0])) == pytest.approx([SHARE * 4 / 5, SHARE * 7 / 5])
    assert crowding(np.array([])).tolist() == []


def test_several_searches_are_looked_at_at_once():
    near = np.random.default_rng(0).normal(size=(4, 9))
    for row, found in zip(near, crowding(near), strict=True):
        np.testing.assert_allclose(found, crowding(row))


@pytest.mark.parametrize("writers", [100, 3000])
def test_what_a_strangers_nearest_keeps_does_not_depend_on_how_many_there_are(writers):
    """At one stranger in a hundred, in the population of the calibration."""
    rarities = np.random.default_rng(1).exponential(size=(20_000, writers)).astype(np.float32)
    nearest = -np.partition(-rarities, RIVALS, axis=1)[:, : RIVALS + 1]
    lead = (nearest - crowding(nearest)).max(axis=1) - (1 - SHARE) * np.log(writers)
    gumbel = -np.log(-np.log(0.99))
    assert np.quantile(lead, 0.99) == pytest.approx(gumbel + STRANGERS_LEAD, abs=0.15)
