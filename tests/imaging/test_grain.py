"""A noisy camera must not change what is read."""

from __future__ import annotations

import io

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from sigsearch.imaging import read_signature
from sigsearch.imaging.grain import calmed
from sigsearch.imaging.ink import ink_box
from sigsearch.imaging.levels import histogram
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


def after(page: Grey) -> Grey:
    return calmed(page, histogram(page))


def test_a_page_without_coarse_grain_is_left_as_it_is(page: Grey):
    for clean in (page, grainy(page, 3), page[:, :1], np.full((90, 90), 255, np.uint8)):
        assert after(clean) is clean


@pytest.mark.parametrize("width", [80, 120, 160, 240])
@pytest.mark.parametrize("quality", [60, 90])
def test_the_ripples_of_jpeg_around_small_strokes_are_not_grain(width: int, quality: int):
    for seed in range(4, 10):
        mask = Writer.from_seed(seed).specimen(0).mask
        left, top, right, bottom = ink_box(mask)
        tight = Image.fromarray(np.where(mask, 40, 235).astype(np.uint8)[top:bottom, left:right])
        small = tight.resize((width, width * tight.height // tight.width), Image.Resampling.LANCZOS)
        file = io.BytesIO()
        small.save(file, "JPEG", quality=quality)
        rippled = np.asarray(Image.open(file))
        assert after(rippled) is rippled


@pytest.mark.parametrize("spread", [30, 40])
@pytest.mark.parametrize("dark", [False, True])
def test_grain_does_not_change_the_signature(page: Grey, spread: float, dark: bool):
    """Without the blur the likeness is 0.82 and 0.81."""
    clean = read_signature(page).canvas
    found = grainy(page, spread)
    read = read_signature(255 - found if dark else found).canvas
    assert likeness(clean, read) > 0.85


@pytest.mark.parametrize("spread", [12, 16, 32])
def test_little_grain_is_left_on_the_paper(page: Grey, spread: float):
    paper = after(grainy(page, spread))[:15]
    assert paper.std() < min(0.06 * (225 - 60), 0.75 * spread)
