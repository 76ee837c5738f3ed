"""What the local comparison says of one signature alone."""

from __future__ import annotations

import numpy as np
import pytest
from small_matcher import GRID, drifting_readings, small_matcher

MATCHER = small_matcher()


def test_a_reading_alike_everywhere_is_as_plain_as_can_be():
    readings = drifting_readings(1, 1)
    readings.tokens[:] = readings.tokens[:, :1]
    most = MATCHER.scale * (1 - MATCHER.common) + MATCHER.bias
    assert MATCHER.plainness(readings) == pytest.approx([most], abs=0.1)
    assert MATCHER.plainness(drifting_readings(1, 1))[0] < most - 0.3


def test_a_reading_that_mirrors_itself_top_to_bottom_is_plain():
    readings = drifting_readings(1, 1)
    rows = readings.tokens.reshape(*GRID, -1)
    rows[GRID[0] // 2 :] = rows[: GRID[0] // 2][::-1]
    itself = MATCHER.compare(readings, readings)[0]
    assert MATCHER.plainness(readings) == pytest.approx(itself)


def test_each_reading_is_looked_at_by_itself():
    readings = drifting_readings(3, 2)
    each = [MATCHER.plainness(readings[n])[0] for n in range(len(readings))]
    np.testing.assert_array_equal(MATCHER.plainness(readings), each)
    assert MATCHER.plainness(readings[:0]).shape == (0,)
