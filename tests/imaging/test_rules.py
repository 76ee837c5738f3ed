"""Printed rules go, strokes stay, even where they cross."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from sigsearch.errors import NoInk
from sigsearch.imaging import read_signature
from sigsearch.imaging.ink import ink_box
from sigsearch.imaging.rules import drop_rules
from sigsearch.synthesis import Writer

MASK = np.pad(Writer.from_seed(9).specimen(0).mask, 60)
HEIGHT, WIDTH = MASK.shape


def with_lines(*lines: tuple[float, float, float, float], width: int = 3) -> np.ndarray:
    """MASK and lines, given as (x, y, x, y) in shares of the page."""
    page = Image.fromarray(MASK)
    draw = ImageDraw.Draw(page)
    for x0, y0, x1, y1 in lines:
        draw.line((x0 * WIDTH, y0 * HEIGHT, x1 * WIDTH, y1 * HEIGHT), fill=1, width=width)
    return np.asarray(page, bool)


@pytest.mark.parametrize(
    "lines",
    [
        [(0, 0.6, 1, 0.6)],
        [(0, 0.3, 1, 0.31), (0, 0.7, 1, 0.71)],
        [(0.15, 0.85, 0.95, 0.84)],
        [(0.03, 0, 0.03, 1), (0.97, 0, 0.97, 1), (0, 0.05, 1, 0.05), (0, 0.95, 1, 0.95)],
    ],
    ids=["through the letters", "two, tilted", "below, not over the whole page", "a box"],
)
def test_rules_go_and_the_signature_stays(lines: list[tuple[float, float, float, float]]):
    ruled = with_lines(*lines)
    clean = drop_rules(ruled)
    added = ruled & ~MASK
    assert (clean & added).sum() < 0.05 * added.sum()
    assert (clean & MASK).sum() > 0.95 * MASK.sum()
    assert not (clean & ~ruled).any()


def test_the_box_is_that_of_the_signature():
    page = np.where(with_lines((0, 0.6, 1, 0.6)), 40, 235).astype(np.uint8)
    found = read_signature(page)
    assert np.abs(np.subtract(found.box, ink_box(MASK))).max() <= 3
    assert "printed" in found.warnings
    assert "printed" not in read_signature(np.where(MASK, 40, 235).astype(np.uint8)).warnings


def test_an_underline_by_hand_stays():
    x = np.arange(int(0.1 * WIDTH), int(0.9 * WIDTH))
    y = np.rint(0.85 * HEIGHT + 4 * np.sin(x / 60) + 2 * np.sin(x / 17)).astype(int)
    underlined = MASK.copy()
    for offset in range(4):
        underlined[y + offset, x] = True
    np.testing.assert_array_equal(drop_rules(underlined), underlined)


def test_signatures_without_rules_are_left_alone():
    for seed in range(60):
        mask = Writer.from_seed(seed).specimen(0).mask
        left, top, right, bottom = ink_box(mask)
        cut = mask[top:bottom, left:right]  # cut to its box a stroke may span the whole page
        assert drop_rules(mask) is mask
        assert drop_rules(cut) is cut


def test_a_page_of_rules_alone_is_refused():
    page = np.full((300, 600), 240, np.uint8)
    page[[100, 101, 200, 201]] = 60
    with pytest.raises(NoInk, match=r"form\.png: all the ink on the page looks printed"):
        read_signature(page, "form.png")
