"""Ink is found by what tells it from its paper, whatever the colours are called."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from sigsearch.imaging import read_signature
from sigsearch.imaging.colour import to_grey
from sigsearch.synthesis import Writer

MASK = np.pad(Writer.from_seed(5).specimen(0).mask, 30)
SHARE = np.asarray(Image.fromarray(MASK).convert("L"), np.float32)[..., None] / 255


def coloured(ink: tuple[int, ...], paper: tuple[int, ...]) -> Image.Image:
    mixed = np.array(paper) * (1 - SHARE) + np.array(ink) * SHARE
    return Image.fromarray(mixed.astype(np.uint8))


def on_clear(ink: tuple[int, int, int]) -> Image.Image:
    layer = Image.new("RGBA", MASK.shape[::-1], (*ink, 0))
    layer.putalpha(Image.fromarray(MASK).convert("L"))
    return layer


def overlap(image: Image.Image) -> float:
    found = read_signature(image).on_page()
    return float((found & MASK).sum() / (found | MASK).sum())


@pytest.mark.parametrize(
    ("ink", "paper"),
    [
        ((30, 140, 40), (214, 88, 0)),
        ((0, 60, 190), (150, 20, 20)),
        ((160, 40, 160), (95, 95, 95)),
        ((255, 235, 0), (255, 255, 255)),
        ((30, 40, 140), (255, 250, 240)),
        ((200, 20, 30), (255, 255, 255)),
    ],
)
def test_hue_alone_is_enough(ink: tuple[int, ...], paper: tuple[int, ...]):
    assert overlap(coloured(ink, paper)) > 0.85


@pytest.mark.parametrize("ink", [(0, 0, 0), (255, 255, 255), (230, 220, 160), (20, 30, 150)])
@pytest.mark.parametrize("mode", ["RGBA", "LA", "La", "RGBa", "P"])
def test_ink_on_nothing(ink: tuple[int, int, int], mode: str):
    layer = on_clear(ink)
    if mode == "P":
        layer = layer.quantize(16)
    elif mode == "La":
        layer = layer.convert("LA").convert(mode)
    elif mode != "RGBA":
        layer = layer.convert(mode)
    assert overlap(layer) > 0.8


@pytest.mark.parametrize("mode", ["CMYK", "YCbCr", "HSV", "P", "RGBX"])
def test_other_ways_to_write_colours(mode: str):
    assert overlap(coloured((30, 40, 140), (250, 250, 240)).convert(mode)) > 0.85


@pytest.mark.parametrize("neutral", [0, 128])
@pytest.mark.parametrize("hue", [0, 90])
def test_lab_files_that_differ_in_what_no_colour_is(neutral: int, hue: int):
    lightness = np.where(MASK, 150 if hue else 20, 170 if hue else 240)
    bands = np.zeros((*MASK.shape, 3), np.uint8)
    bands[..., 0] = lightness
    bands[..., 1] = np.where(MASK, neutral + hue, neutral)
    bands[..., 2] = neutral
    assert overlap(Image.fromarray(bands, "LAB")) > 0.85


def test_plain_grey_stays_what_it_is():
    grey = Image.fromarray(np.tile(np.arange(256, dtype=np.uint8), (64, 1)))
    for mode in ("L", "RGB", "RGBA", "LA"):
        np.testing.assert_array_equal(to_grey(grey.convert(mode)), np.asarray(grey))


def test_a_sheet_on_nothing_keeps_its_paper():
    sheet = Image.new("RGBA", (MASK.shape[1] + 80, MASK.shape[0] + 80), (0, 0, 0, 0))
    sheet.paste(coloured((20, 20, 20), (240, 240, 240)).convert("RGBA"), (40, 40))
    found = read_signature(sheet).on_page()[40:-40, 40:-40]
    assert (found & MASK).sum() / (found | MASK).sum() > 0.85
