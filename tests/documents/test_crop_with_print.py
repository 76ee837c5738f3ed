"""Crops with print around them stay crops; pages with little on them stay pages."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from sigsearch.documents.boxes import Box
from sigsearch.documents.crop_with_print import held_against
from sigsearch.documents.finding import leaf_of
from sigsearch.documents.intake import signatures_in
from sigsearch.errors import NoSignature
from sigsearch.imaging import read_signature
from sigsearch.imaging.load import Page
from sigsearch.synthesis import Writer

INK, PIXELS = (100, 100, 700, 300), 400_000
FIRST, SECOND = (120, 110, 280, 180), (420, 110, 270, 180)


def held(*found: tuple[int, int, int, int, float, str], pixels: int = PIXELS) -> str:
    boxes = [Box(*row) for row in found]
    return held_against(
        INK, pixels, boxes, [box for box in boxes if box.confidence >= 0.3 and box.kind != "stamp"]
    )


def test_one_word_of_two_leaves_the_crop_whole():
    assert held((*FIRST, 0.4, "signature"), (*SECOND, 0.2, "signature")) == "crop"
    assert held((*FIRST, 0.4, "signature"), (*SECOND, 0.4, "stamp")) == "crop"


def test_two_that_are_sure_are_two():
    assert held((*FIRST, 0.7, "signature"), (*SECOND, 0.8, "signature")) == "page"


def test_two_below_each_other_are_two():
    upper, lower = (120, 110, 500, 60), (120, 220, 500, 70)
    assert held((*upper, 0.4, "signature"), (*lower, 0.4, "signature")) == "page"


def test_a_signature_elsewhere_is_on_a_page():
    assert held((*FIRST, 0.4, "signature"), (900, 110, 280, 180, 0.4, "signature")) == "page"


def test_a_cross_that_was_taken_away_does_not_make_a_page():
    cross = (20, 240, 50, 50, 0.4, "initials")
    assert held(cross, (110, 100, 560, 190, 0.2, "signature")) == "crop"


def test_a_signature_among_other_ink_is_on_a_page():
    assert held((600, 250, 90, 40, 0.9, "signature")) == "page"


def test_what_nothing_is_found_on_is_in_doubt_and_a_large_one_a_page():
    assert held() == held((800, 100, 80, 80, 0.9, "stamp")) == "doubtful"
    assert held(pixels=2_000_000) == "page"


def test_ink_that_fills_the_picture_is_a_crop_on_a_small_hint():
    small = (600, 250, 90, 40, 0.2, "signature")
    assert held(small, pixels=250_000) == "crop"
    assert held(small, pixels=500_000) == "doubtful"


def to_sign_here(seed: int) -> np.ndarray:
    """A signature on a line, a cross before it and a caption below."""
    ink = Image.fromarray(Writer.from_seed(seed, "latin").specimen(0).page)
    ink = ink.resize((700, 700 * ink.height // ink.width))
    page = Image.new("L", (920, ink.height + 250), 255)
    page.paste(ink, (160, 60))
    draw, line = ImageDraw.Draw(page), 60 + 3 * ink.height // 4
    draw.line((40, line, 900, line), 0, 4)
    draw.text((50, line - 75), "X", 0, font=ImageFont.load_default(64))
    draw.text((160, page.height - 70), "Signature of applicant", 0, font=ImageFont.load_default(30))
    return np.asarray(page)


@pytest.mark.parametrize("seed", [3, 5, 8, 13, 21, 34])
def test_the_whole_of_a_signature_on_a_line_is_read(seed: int):
    drawn = to_sign_here(seed)
    (found,) = signatures_in(drawn)
    alone = read_signature(Writer.from_seed(seed, "latin").specimen(0).page)
    scale = 700 / Writer.from_seed(seed, "latin").specimen(0).page.shape[1]
    left, _, right, _ = found.region or found.box
    if found.region:
        right += left
    assert right - left == pytest.approx(scale * alone.ink.shape[1], rel=0.1)


def chart() -> np.ndarray:
    """Curves over axes, and hardly a word."""
    page = Image.new("L", (1240, 1754), 255)
    draw = ImageDraw.Draw(page)
    across = np.linspace(0, 1000, 400)
    for waves in (1, 2, 3):
        down = 900 + 400 * np.sin(across / 1000 * 2 * np.pi * waves)
        draw.line([(x + 100, y) for x, y in zip(across, down, strict=True)], 0, 4)
    draw.line((100, 400, 100, 1400), 0, 3)
    draw.line((100, 1400, 1140, 1400), 0, 3)
    for at, word in enumerate(("within", "party", "amount", "below")):
        draw.text((250 * at + 150, 500 + 60 * at), word, 0, font=ImageFont.load_default(28))
    return np.asarray(page)


def test_nobody_signed_a_chart():
    assert leaf_of(Page(chart(), "chart.png", "")).seen == "page"
    with pytest.raises(NoSignature):
        signatures_in(chart())
