"""The triage learns what the segmentation takes, and says the same in whole numbers."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

torch = pytest.importorskip("torch")

from sigsearch.imaging.ink import find_ink, ink_box  # noqa: E402
from sigsearch.imaging.load import load_page  # noqa: E402
from sigsearch.imaging.triage import doubt  # noqa: E402
from sigsearch.imaging.view import VIEW_SHAPE, view_of  # noqa: E402
from sigsearch.synthesis import Writer  # noqa: E402
from sigsearch.training.segmenter.triage import (  # noqa: E402
    taken_shares,
    train,
    whole_numbers,
)


def views(rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Level strokes, every other view with a block of dense print; what of it would be taken."""
    found = np.zeros((count, 2, *VIEW_SHAPE), np.uint8)
    for at, view in enumerate(found):
        top = int(rng.integers(10, 90))
        view[:, top : top + 5, 20:300] = 200
        if at % 2:
            left = int(rng.integers(20, 200))
            view[:, 110:130:3, left : left + 90 : 2] = 255
    return found, np.arange(count) % 2 * 0.3


def view(image: Image.Image) -> np.ndarray:
    page = load_page(np.asarray(image))
    ink = find_ink(page)
    return view_of(page, ink, ink_box(ink))


def test_it_learns_to_tell_and_whole_numbers_agree():
    seen, taken = views(np.random.default_rng(1), 96)
    network = train(seen, taken, 100, 1, lambda _: None)
    unseen, truth = views(np.random.default_rng(2), 32)
    weights = whole_numbers(network, seen[:32], 0.0)
    said = np.array([doubt(view, weights) for view in unseen])
    assert ((said > 0) == (truth > 0)).all()
    with torch.inference_mode():
        exact = network(torch.from_numpy(unseen).float() / 255).numpy()
    assert np.abs(said - exact).max() < 0.1 * np.ptp(exact)


def test_what_the_segmentation_takes_is_the_truth():
    signed = Image.fromarray(Writer.from_seed(9).specimen(0).page)
    page = Image.new("L", (signed.width, signed.height + 60), 255)
    page.paste(signed, (0, 0))
    printed = page.copy()
    font = ImageFont.load_default(34)
    ImageDraw.Draw(printed).text((20, signed.height), "Signature, date and place", 30, font)
    clean, dirty = taken_shares(np.stack([view(page), view(printed)]))
    assert clean < 0.01 < 0.05 < dirty
