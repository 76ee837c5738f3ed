"""What the local comparison says of one signature alone."""

from __future__ import annotations

import numpy as np
import pytest
from small_matcher import GRID, drifting_readings, small_matcher

from sigsearch.encoder import Embeddings
from sigsearch.matching.local import LocalTokens
from sigsearch.matching.similarity import plainness

MATCHER = small_matcher()


def tokens_of(readings: Embeddings) -> LocalTokens:
    return LocalTokens(readings.tokens, readings.weights)


def test_a_reading_alike_everywhere_is_as_plain_as_can_be():
    readings = drifting_readings(1, 1)
    readings.tokens[:] = readings.tokens[:, :1]
    most = MATCHER.scale * (1 - MATCHER.common) + MATCHER.bias
    assert MATCHER.plainness(tokens_of(readings)) == pytest.approx([most], abs=0.1)
    assert plainness(drifting_readings(1, 1), MATCHER)[0] < most - 0.3


def test_a_reading_that_mirrors_itself_top_to_bottom_is_plain():
    readings = drifting_readings(1, 1)
    rows = readings.tokens.reshape(*GRID, -1)
    rows[GRID[0] // 2 :] = rows[: GRID[0] // 2][::-1]
    itself = MATCHER.compare(tokens_of(readings), tokens_of(readings))[0]
    assert MATCHER.plainness(tokens_of(readings)) == pytest.approx(itself)


def test_each_reading_is_looked_at_by_itself():
    readings = drifting_readings(3, 2)
    each = [plainness(readings[n], MATCHER)[0] for n in range(len(readings))]
    np.testing.assert_array_equal(plainness(readings, MATCHER), each)
    assert plainness(readings[:0], MATCHER).shape == (0,)
