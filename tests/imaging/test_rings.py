"""The rings of stamps go, and what a hand draws round stays."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from sigsearch.imaging import read_signature
from sigsearch.imaging.components import find_components
from sigsearch.imaging.ink import Ink
from sigsearch.imaging.rings import printed_rings
from sigsearch.synthesis import Writer


def drawn(points: np.ndarray, width: int = 4) -> Ink:
    page = Image.new("L", (400, 300), 0)
    ImageDraw.Draw(page).line([tuple(point) for point in points], 255, width)
    return np.asarray(page) > 128


def around(wide: float, tall: float, lean: float = 0.0, wobble: float = 0.0) -> np.ndarray:
    turn = np.linspace(0, 2 * np.pi, 400)
    reach = 1 + wobble * np.sin(3 * turn + 1)
    x, y = wide * reach * np.cos(turn), tall * reach * np.sin(turn)
    return np.stack(
        [200 + x * np.cos(lean) - y * np.sin(lean), 150 + x * np.sin(lean) + y * np.cos(lean)],
        axis=1,
    )


@pytest.mark.parametrize(
    "ring",
    [
        around(110, 110),
        around(150, 80),
        around(140, 90, 0.4),
        around(150, 40, 0.7),  # so narrow that its middle is nearly closed
    ],
)
def test_an_even_ring_is_print(ring: np.ndarray):
    ink = drawn(ring)
    assert printed_rings(ink, find_components(ink)).all()


@pytest.mark.parametrize(
    "round_stroke",
    [
        around(110, 100, wobble=0.03),  # as a hand draws it
        around(16, 16),  # so small that a hand is as even
        around(110, 110)[:340],  # not closed
    ],
)
def test_a_round_stroke_is_not(round_stroke: np.ndarray):
    ink = drawn(round_stroke)
    assert not printed_rings(ink, find_components(ink)).any()


@pytest.mark.parametrize("seed", [3, 9, 14])
def test_a_stamp_beside_goes(seed: int):
    alone = Image.fromarray(Writer.from_seed(seed).specimen(0).page)
    page = Image.new("L", (alone.width + 360, max(alone.height, 320)), 255)
    page.paste(alone, (0, 0))
    draw, left = ImageDraw.Draw(page), alone.width + 40
    draw.ellipse((left, 20, left + 280, 300), outline=60, width=7)
    draw.ellipse((left + 40, 60, left + 240, 260), outline=60, width=3)
    expected, found = read_signature(np.asarray(alone)), read_signature(np.asarray(page))
    assert np.abs(np.subtract(expected.box, found.box)).max() <= 2
