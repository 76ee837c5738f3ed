"""What lies around a signature goes, and the signature stays."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from sigsearch.errors import WholePage
from sigsearch.imaging import read_signature
from sigsearch.imaging.postures import tilts, whole_turns
from sigsearch.synthesis import Writer

WRITERS = (3, 5, 9, 12)
FONT = ImageFont.load_default(30)
Draw = Callable[[ImageDraw.ImageDraw, int, int], None]


def mask_of(seed: int) -> np.ndarray:
    return np.pad(Writer.from_seed(seed).specimen(0).mask, ((70, 110), (120, 120)))


def with_marks(mask: np.ndarray, draw: Draw) -> Image.Image:
    page = Image.new("L", mask.shape[::-1], 245)
    draw(ImageDraw.Draw(page), page.width, page.height)
    ink = Image.fromarray(np.where(mask, 30, 255).astype(np.uint8))
    return Image.fromarray(np.minimum(np.asarray(page), np.asarray(ink)))


def hole(draw: ImageDraw.ImageDraw, width: int, height: int) -> None:
    draw.ellipse((15, height // 2 - 42, 99, height // 2 + 42), fill=15)


def half_a_hole(draw: ImageDraw.ImageDraw, width: int, height: int) -> None:
    draw.ellipse((-50, height // 2 - 45, 40, height // 2 + 45), fill=15)


def dots(draw: ImageDraw.ImageDraw, width: int, height: int) -> None:
    for x in range(10, width, 24):
        for y in range(10, height, 24):
            draw.ellipse((x, y, x + 2, y + 2), fill=60)


def dark_squares(draw: ImageDraw.ImageDraw, width: int, height: int) -> None:
    for x in range(20, width, 70):
        draw.line((x, 0, x, height), 60, 2)
    for y in range(20, height, 70):
        draw.line((0, y, width, y), 60, 2)


def steep_line(draw: ImageDraw.ImageDraw, width: int, height: int) -> None:
    draw.line((10, height - 70, width - 10, height - 70 - width // 16), 40, 3)


def cross_and_line(draw: ImageDraw.ImageDraw, width: int, height: int) -> None:
    draw.line((10, height - 100, width - 10, height - 100), 0, 4)
    draw.line((30, height - 160, 75, height - 110), 0, 5)
    draw.line((75, height - 160, 30, height - 110), 0, 5)


def black_edge(draw: ImageDraw.ImageDraw, width: int, height: int) -> None:
    draw.rectangle((0, 0, 40, height), fill=8)


def black_wedge(draw: ImageDraw.ImageDraw, width: int, height: int) -> None:
    draw.polygon([(0, 0), (width, 0), (width, 50)], fill=8)
    draw.rectangle((width - 30, 0, width, height), fill=8)


@pytest.mark.parametrize(
    "draw",
    [hole, half_a_hole, dots, dark_squares, steep_line, cross_and_line, black_edge, black_wedge],
)
@pytest.mark.parametrize("seed", WRITERS)
def test_it_goes(draw: Draw, seed: int):
    mask = mask_of(seed)
    found = read_signature(with_marks(mask, draw)).on_page()
    near = np.asarray(Image.fromarray(mask).convert("L").filter(ImageFilter.MaxFilter(5))) > 0
    assert (found & mask).sum() > 0.9 * mask.sum()
    assert (found & ~near).sum() < 0.06 * mask.sum()


@pytest.mark.parametrize("seed", WRITERS)
def test_a_desk_around_the_sheet_goes(seed: int):
    mask = mask_of(seed)
    sheet = with_marks(mask, lambda draw, width, height: None)
    desk = np.random.default_rng(1).integers(70, 95, (sheet.height + 300, sheet.width + 300))
    page = Image.fromarray(desk.astype(np.uint8))
    page.paste(sheet, (150, 150))
    light = np.linspace(0.75, 1, page.width)[None]
    seen = read_signature((np.asarray(page) * light).astype(np.uint8))
    found = seen.on_page()[150:-150, 150:-150]
    assert (found & mask).sum() > 0.85 * mask.sum()
    assert found.sum() < 1.2 * mask.sum()
    assert "surroundings" in seen.warnings


def test_a_page_of_text_is_refused_and_a_caption_is_not():
    page = Image.new("L", (1240, 1754), 255)
    draw = ImageDraw.Draw(page)
    for y in range(100, 1500, 60):
        draw.text((100, y), "The undersigned agrees to what is set out below", 0, FONT)
    with pytest.raises(WholePage, match=r"letter\.png"):
        read_signature(page, "letter.png")
    signed = with_marks(mask_of(9), lambda d, w, h: d.text((60, h - 40), "Signature", 0, FONT))
    assert "printed" in read_signature(signed).warnings


def line(*points: float) -> Callable[[ImageDraw.ImageDraw], None]:
    return lambda draw: draw.line(points, 0, 6)


@pytest.mark.parametrize(
    "strokes",
    [
        [line(90, 60, 290, 240), line(280, 70, 100, 235)],
        [line(50, 130, 350, 190), line(340, 100, 60, 200)],
        [lambda draw: draw.ellipse((100, 60, 290, 240), outline=0, width=6)],
        [line(100, 240, 200, 60), line(200, 60, 300, 240), line(150, 150, 250, 158)],
    ],
    ids=["cross", "flat cross", "circle", "an initial"],
)
def test_marks_of_few_strokes(strokes: list[Callable[[ImageDraw.ImageDraw], None]]):
    page = Image.new("L", (400, 300), 255)
    for stroke in strokes:
        stroke(ImageDraw.Draw(page))
    assert "few_strokes" in read_signature(page).warnings


def test_signatures_have_more_strokes():
    for seed in range(20):
        assert "few_strokes" not in read_signature(Writer.from_seed(seed).specimen(0).page).warnings


def test_postures_are_those_of_a_sheet():
    found = read_signature(Writer.from_seed(9).specimen(0).page)
    ink = found.ink
    turned = {(p.mirrored, p.degrees): p.signature.ink for p in whole_turns(found)}
    np.testing.assert_array_equal(turned[False, 180], ink[::-1, ::-1])
    np.testing.assert_array_equal(turned[True, 0], ink[:, ::-1])
    assert (False, 90) not in turned  # too wide to stand upright
    upright = read_signature(np.rot90(Writer.from_seed(9).specimen(0).page))
    assert {90.0, 270.0} <= {p.degrees for p in whole_turns(upright)}
    assert all(p.name == "tilted" and p.signature.ink.any() for p in tilts(found))
