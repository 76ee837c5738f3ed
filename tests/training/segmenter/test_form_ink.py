"""Ink in a hand that nobody has is still one signature's ink, whole and cropped to its box."""

from __future__ import annotations

import numpy as np
import pytest

from sigsearch.imaging.components import find_components
from sigsearch.imaging.ink import Ink, cropped, ink_box
from sigsearch.synthesis import Writer
from sigsearch.training.segmenter.form_ink import another_hand, side_by_side


def ink_of(seed: int) -> Ink:
    return cropped(Writer.from_seed(seed).specimen(0).mask)


def is_cropped(ink: Ink) -> bool:
    return ink_box(ink) == (0, 0, ink.shape[1], ink.shape[0])


@pytest.mark.parametrize("seed", range(12))
def test_another_hand_keeps_the_ink_and_changes_the_shape(seed: int):
    ink = ink_of(seed)
    other = another_hand(ink, np.random.default_rng(seed))
    np.testing.assert_array_equal(other, another_hand(ink, np.random.default_rng(seed)))
    assert is_cropped(other)
    assert 0.5 < np.count_nonzero(other) / np.count_nonzero(ink) < 3
    assert other.shape != ink.shape or (other != ink).any()


def test_side_by_side_all_are_there_at_one_height():
    small, large = ink_of(3), np.kron(ink_of(4), np.ones((2, 2), np.bool_))
    pieces = [len(find_components(ink)) for ink in (small, large)]
    for seed in range(6):
        both = side_by_side([small, large], np.random.default_rng(seed))
        assert is_cropped(both)
        assert both.shape[0] > 0.9 * small.shape[0]
        assert len(find_components(both)) >= max(pieces)
