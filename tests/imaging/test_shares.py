"""What is told of many values, as NumPy tells it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigsearch.imaging.shares import distinct, percentiles


@pytest.mark.parametrize("kind", ["float64", "int64", "uint8"])
@given(
    seed=st.integers(0, 2**32 - 1), count=st.integers(1, 400),
    share=st.sampled_from([0, 1, 5, 25, 40, 90, 95, 99, 99.5, 100]),
)  # fmt: skip
def test_percentiles_are_those_of_numpy_to_the_last_bit(
    kind: str, seed: int, count: int, share: float
) -> None:
    values = (np.random.default_rng(seed).random(count) * 255).astype(kind)
    assert percentiles(values, share) == [float(np.percentile(values, share))]
    assert percentiles(values, 5, share) == np.percentile(values, [5, share]).tolist()


@given(st.lists(st.integers(0, 300)))
def test_distinct_values_are_counted(values: list[int]) -> None:
    assert distinct(np.array(values, np.int64)) == len(set(values))
