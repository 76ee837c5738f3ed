"""Most clean scans are spared the segmentation, pages with print are not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from sigsearch.errors import EncoderError
from sigsearch.imaging import read_signature, segmentation, triage
from sigsearch.imaging.ink import find_ink, ink_box
from sigsearch.imaging.load import load_page
from sigsearch.imaging.triage import may_hold_print
from sigsearch.imaging.view import VIEW_SHAPE, view_of
from sigsearch.synthesis import Writer

CLEAN = range(40)


def scan(seed: int, text: str = "") -> np.ndarray:
    """A drawn signature, with a line of print under it."""
    signed = Image.fromarray(Writer.from_seed(seed).specimen(0).page)
    page = Image.new("L", (signed.width, signed.height + 60), 255)
    page.paste(signed, (0, 0))
    font = ImageFont.load_default(34)
    ImageDraw.Draw(page).text((20, signed.height), text, 30, font)
    return np.asarray(page)


def view(image: np.ndarray) -> np.ndarray:
    page = load_page(image)
    ink = find_ink(page)
    return view_of(page, ink, ink_box(ink))


def test_a_clean_scan_may_be_read_without_the_network(monkeypatch: pytest.MonkeyPatch):
    spared = [seed for seed in CLEAN if not may_hold_print(view(scan(seed)))]
    assert len(spared) > len(CLEAN) / 4
    expected = read_signature(scan(spared[0]))
    monkeypatch.setattr(segmentation, "_network", None)
    np.testing.assert_array_equal(read_signature(scan(spared[0])).canvas, expected.canvas)


@pytest.mark.parametrize("seed", range(8))
def test_print_is_always_looked_at(seed: int):
    assert may_hold_print(view(scan(seed, "Signature of the account holder, date and place")))


def test_the_sums_are_whole_and_small_enough_to_be_exact():
    weights = triage._weights()
    for layer in ("patch", "middle", "last"):
        kernel, bias = weights[layer], weights[f"{layer}_bias"]
        for whole in (kernel, bias):
            np.testing.assert_array_equal(whole, np.rint(whole))
        assert (255 * np.abs(kernel).sum(axis=0) + np.abs(bias)).max() < 2**24


def test_an_empty_view_is_answered():
    assert isinstance(may_hold_print(np.zeros((2, *VIEW_SHAPE), np.uint8)), bool)


def test_damaged_weights_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    (tmp_path / "triage.npz").write_bytes(b"no weights")
    (tmp_path / "triage.json").write_text('{"files": {}}')
    monkeypatch.setattr(triage, "WEIGHTS", tmp_path / "triage.npz")
    triage._weights.cache_clear()
    try:
        with pytest.raises(EncoderError, match=r"triage\.npz.*install s"):
            read_signature(scan(3))
    finally:
        triage._weights.cache_clear()
