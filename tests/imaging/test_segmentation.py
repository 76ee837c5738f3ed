"""What is printed around a signature goes, the signature stays."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from sigsearch.errors import EncoderError, NoInk
from sigsearch.imaging import read_signature, segmentation, signature_from_ink
from sigsearch.imaging.ink import Ink, find_ink, ink_box
from sigsearch.imaging.load import load_page
from sigsearch.imaging.segmentation import find_signature
from sigsearch.imaging.view import VIEW_SHAPE, from_view, on_view, view_of
from sigsearch.synthesis import Writer

PEN, PAPER = 40, 235
Draw = Callable[[ImageDraw.ImageDraw, tuple[int, int]], None]


def mask_of(seed: int) -> Ink:
    mask = Writer.from_seed(seed, "latin").specimen(0).mask
    left, top, right, bottom = ink_box(mask)
    return np.pad(mask[top:bottom, left:right], 90)


def caption(draw: ImageDraw.ImageDraw, size: tuple[int, int]) -> None:
    font = ImageFont.load_default(30)
    draw.text((size[0] * 0.3, 20), "Sign above this line", 30, font)
    draw.text((20, size[1] - 50), "Date of signature", 60, font)


def line(draw: ImageDraw.ImageDraw, size: tuple[int, int]) -> None:
    draw.line((15, size[1] * 0.7, size[0] - 15, size[1] * 0.7 + 4), 90, 3)


def box(draw: ImageDraw.ImageDraw, size: tuple[int, int]) -> None:
    draw.rectangle((30, 30, size[0] - 30, size[1] - 30), outline=50, width=3)


def on_form(mask: Ink, *prints: Draw) -> np.ndarray:
    page = Image.new("L", mask.shape[::-1], PAPER)
    for drawn in prints:
        drawn(ImageDraw.Draw(page), page.size)
    return np.where(mask, PEN, np.asarray(page)).astype(np.uint8)


@pytest.mark.parametrize("seed", [3, 9, 14])
@pytest.mark.parametrize(
    "prints",
    [[caption], [line], [box], [caption, line]],
    ids=lambda p: "+".join(one.__name__ for one in p),
)
def test_print_goes_and_the_signature_stays(seed: int, prints: list[Draw]):
    mask = mask_of(seed)
    found = read_signature(on_form(mask, *prints))
    stayed = found.on_page()
    assert np.count_nonzero(stayed & mask) > 0.93 * np.count_nonzero(mask)
    assert np.count_nonzero(stayed & ~mask) < 0.05 * np.count_nonzero(mask)
    assert "printed" in found.warnings


@pytest.mark.parametrize("seed", range(20, 28))
def test_a_clean_signature_stays_whole(seed: int):
    mask = mask_of(seed)
    found = read_signature(on_form(mask))
    assert np.abs(found.canvas.astype(int) - signature_from_ink(mask).canvas).mean() < 0.5
    assert "printed" not in found.warnings


def test_white_on_black_is_the_same():
    page = on_form(mask_of(3), caption, line)
    there, back = read_signature(page), read_signature(255 - page)
    assert np.abs(np.subtract(there.box, back.box)).max() <= 2


def test_it_only_takes_away():
    page = load_page(on_form(mask_of(9), caption, line, box))
    ink = find_ink(page)
    assert not (find_signature(page, ink) & ~ink).any()


def test_a_form_that_nobody_signed_is_refused():
    page = on_form(np.zeros((220, 640), np.bool_), caption, line, box)
    with pytest.raises(NoInk, match=r"form\.png: .*check that it is signed"):
        read_signature(page, "form.png")


def test_a_damaged_network_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    broken = tmp_path / "segmenter.onnx"
    broken.write_bytes(b"no network")
    (tmp_path / "segmenter.json").write_text('{"files": {}}')
    monkeypatch.setattr(segmentation, "WEIGHTS", broken)
    segmentation._network.cache_clear()
    try:
        with pytest.raises(EncoderError, match=r"segmenter\.onnx.*install s"):
            read_signature(on_form(mask_of(3), caption))
    finally:
        segmentation._network.cache_clear()


@pytest.mark.parametrize("shape", [(40, 300), (300, 40), (7, 5), (1, 900), (700, 1600)])
def test_the_view_keeps_place_and_aspect(shape: tuple[int, int]):
    ink = np.zeros(shape, np.bool_)
    ink[: -(-shape[0] // 2)] = True
    view = on_view(ink)
    assert view.shape == VIEW_SHAPE
    back = from_view(view, shape)
    assert back.shape == shape
    assert np.mean((back > 127) != ink) < 0.06


def test_the_view_tells_darker_ink_from_lighter():
    grey = np.full((60, 200), PAPER, np.uint8)
    grey[20:40, 20:90] = 20
    grey[20:40, 110:180] = 150
    page = load_page(grey)
    ink = grey < 200
    share, tone = view_of(page, ink, ink_box(ink))
    dark, light = tone[:, :150][share[:, :150] == 255], tone[:, 190:][share[:, 190:] == 255]
    assert dark.mean() > 1.5 * light.mean()
    assert (tone[share == 0] == 0).all()
    inverted = view_of(load_page(255 - grey), ink, ink_box(ink))
    np.testing.assert_allclose(inverted[1].astype(int), tone.astype(int), atol=2)
