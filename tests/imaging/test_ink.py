"""The ink is found on all sorts of paper, cropped and set on the canvas."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sigsearch.imaging import CANVAS_SHAPE, read_signature, signature_from_ink
from sigsearch.imaging.canvas import set_on_canvas
from sigsearch.imaging.components import find_components, paint
from sigsearch.imaging.ink import drop_margins, drop_specks, ink_box, stroke_width
from sigsearch.synthesis import Writer

MASK = np.pad(Writer.from_seed(9).specimen(0).mask, 50)
RNG = np.random.default_rng(3)


def on_paper(paper: np.ndarray, depth: float = 0.25) -> np.ndarray:
    """Ink that lets `depth` of the paper's light through, with scanner grain."""
    page = np.where(MASK, paper * depth, paper) + RNG.normal(0, 2, MASK.shape)
    return page.clip(0, 255).astype(np.uint8)


HEIGHT, WIDTH = MASK.shape
PAPERS = {
    "white": np.full(MASK.shape, 250.0),
    "grey": np.full(MASK.shape, 150.0),
    "uneven light": 90 + 150 * np.linspace(0, 1, WIDTH)[None] * np.ones((HEIGHT, 1)),
    "a shaded corner": 240
    - 120 * np.hypot(*np.mgrid[0 : 1 : HEIGHT * 1j, 0 : 1 : WIDTH * 1j]) / 1.5,
}


@pytest.mark.parametrize("paper", PAPERS)
def test_ink_is_found_on(paper: str):
    found = read_signature(on_paper(PAPERS[paper]))
    left, top, right, bottom = found.box
    whole = np.zeros_like(MASK)
    whole[top:bottom, left:right] = found.ink
    overlap = (whole & MASK).sum() / (whole | MASK).sum()
    assert overlap > 0.85


def test_coloured_paper_and_ink():
    page = np.empty((*MASK.shape, 3), np.uint8)
    page[:] = (250, 235, 160)
    page[MASK] = (40, 50, 140)
    assert read_signature(page).box == ink_box(MASK)


def test_specks_go_and_dots_of_the_pen_stay():
    stroke = stroke_width(MASK)
    dirty = MASK.copy()
    dirty[3, 3] = dirty[HEIGHT - 4, WIDTH - 4] = True
    np.testing.assert_array_equal(drop_specks(dirty, stroke), MASK)
    left, top, _, _ = ink_box(MASK)
    size = int(np.ceil(stroke)) + 1
    dotted = MASK.copy()
    dotted[top : top + size, left : left + size] = True
    assert drop_specks(dotted, stroke)[top : top + size, left : left + size].all()


STROKE = stroke_width(MASK)


@pytest.mark.parametrize("extent", [0.5, 1])
@pytest.mark.parametrize("side", range(4))
def test_the_border_of_the_box_that_a_page_was_cut_from_goes(side: int, extent: float):
    page = np.rot90(MASK, side).copy()
    page[-4:, : int(extent * page.shape[1])] = True
    np.testing.assert_array_equal(np.rot90(drop_margins(page, STROKE), -side), MASK)


def test_what_is_signed_next_to_it_loses_its_tips_not_its_letters():
    page = MASK.copy()
    tip, letter = (slice(None, 5), slice(20, 24)), (slice(-40, None), slice(-60, -20))
    page[tip] = page[letter] = True
    clean = drop_margins(page, STROKE)
    assert not clean[tip].any()
    assert clean[letter].all()


def test_a_page_cut_to_the_signature_keeps_its_dots_and_underlines():
    left, top, right, bottom = ink_box(MASK)
    page = np.pad(MASK[top:bottom, left:right], ((20, 20), (0, 0)))
    size = int(np.ceil(STROKE))
    page[-size:, 10:-10] = page[:size, 30 : 30 + size] = True
    assert drop_margins(page, STROKE) is page


def test_where_the_signature_runs_off_the_page_all_that_does_stays():
    page = MASK[ink_box(MASK)[1] + 5 :].copy()
    page[:3, 5:9] = True
    np.testing.assert_array_equal(drop_margins(page, STROKE), page)
    assert drop_margins(MASK, STROKE) is MASK


def test_stroke_width_of_a_line():
    for width in (3, 6, 9):
        line = np.zeros((300, 300), bool)
        for offset in range(width):
            at = np.arange(40, 250)
            line[at, at + offset] = True
        true_width = width / np.sqrt(2)
        assert stroke_width(line) == pytest.approx(true_width, rel=0.35)


def test_the_canvas_keeps_the_aspect_and_holds_all_ink():
    canvas = signature_from_ink(MASK).canvas
    assert canvas.shape == CANVAS_SHAPE
    assert canvas.dtype == np.uint8
    left, top, right, bottom = ink_box(canvas > 60)
    box = ink_box(MASK)
    aspect = (box[2] - box[0]) / (box[3] - box[1])
    assert (right - left) / (bottom - top) == pytest.approx(aspect, rel=0.06)


def test_pens_look_alike_on_the_canvas():
    crop = signature_from_ink(MASK).ink
    thick = np.zeros((crop.shape[0] + 8, crop.shape[1] + 8), bool)
    for dy in range(9):
        for dx in range(9):
            thick[dy : dy + crop.shape[0], dx : dx + crop.shape[1]] |= crop
    before = stroke_width(thick) / stroke_width(crop)
    drawn = [stroke_width(set_on_canvas(i, CANVAS_SHAPE) > 127) for i in (crop, thick)]
    assert before > 2
    assert drawn[1] / drawn[0] < 0.7 * before


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.05, 0.6))
def test_components_agree_with_scipy(seed: int, density: float):
    ndimage = pytest.importorskip("scipy.ndimage")
    ink = np.random.default_rng(seed).random((17, 23)) < density
    parts = find_components(ink)
    labels, count = ndimage.label(ink, np.ones((3, 3)))
    assert len(parts) == count
    assert sorted(parts.area) == sorted(np.bincount(labels.ravel())[1:])
    np.testing.assert_array_equal(paint(parts, np.ones(count, bool), ink.shape), ink)


def test_warnings_are_named():
    line = np.zeros((60, 420), bool)
    for column in range(400):  # bent, or it would be a printed rule
        line[28 + column**2 // 10_000 :, column][:4] = True
    found = signature_from_ink(line)
    assert "simple" in found.warnings
    cut = signature_from_ink(MASK[:, : WIDTH // 2])
    assert isinstance(cut.warnings, tuple)
