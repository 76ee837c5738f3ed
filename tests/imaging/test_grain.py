"""A noisy camera must not change what is read."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from sigsearch.imaging import read_signature
from sigsearch.imaging.grain import calmed
from sigsearch.synthesis import Writer

Grey = NDArray[np.uint8]


@pytest.fixture(scope="module")
def page() -> Grey:
    mask = Writer.from_seed(4).specimen(0).mask
    return np.pad(np.where(mask, 60, 225), 20, constant_values=225).astype(np.uint8)


def grainy(page: Grey, spread: float) -> Grey:
    grain = np.random.default_rng(0).normal(0, spread, page.shape)
    return (page + grain).clip(0, 255).astype(np.uint8)


def likeness(one: Grey, other: Grey) -> float:
    """The correlation of two canvases."""
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])


def test_a_clean_page_is_left_as_it_is(page: Grey):
    assert calmed(page) is page
    assert calmed(grainy(page, 3)).tobytes() == grainy(page, 3).tobytes()
    assert calmed(page[:, :1]).shape == (len(page), 1)


@pytest.mark.parametrize("spread", [15, 30, 40])
@pytest.mark.parametrize("dark", [False, True])
def test_grain_does_not_change_the_signature(page: Grey, spread: float, dark: bool):
    clean = read_signature(page).canvas
    found = grainy(page, spread)
    read = read_signature(255 - found if dark else found).canvas
    assert likeness(clean, read) > 0.85


@pytest.mark.parametrize("spread", [8, 16, 32])
def test_little_grain_is_left_on_the_paper(page: Grey, spread: float):
    paper = calmed(grainy(page, spread))[:15]
    assert paper.std() < 0.06 * (225 - 60)
