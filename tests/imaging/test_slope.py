"""A page that lies askew must not change what is read."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from sigsearch.imaging.components import find_components
from sigsearch.imaging.ink import ink_box
from sigsearch.imaging.slope import Ink, levelled
from sigsearch.synthesis import Writer


def cropped(ink: Ink) -> Ink:
    left, top, right, bottom = ink_box(ink)
    return np.ascontiguousarray(ink[top:bottom, left:right])


def turned(ink: Ink, degrees: float) -> Ink:
    picture = Image.fromarray(ink.astype(np.uint8) * np.uint8(255))
    return cropped(
        np.asarray(picture.rotate(degrees, Image.Resampling.BILINEAR, expand=True)) > 127
    )


def slope(ink: Ink) -> float:
    """Degrees by which the ink falls to the right."""
    rows, columns = np.nonzero(ink)
    (across, mixed), (_, down) = np.cov(columns, rows)
    return float(np.degrees(np.arctan2(2 * mixed, across - down)) / 2)


@pytest.fixture(scope="module")
def name() -> Ink:
    """A long name, level to half a degree."""
    ink = cropped(Writer.from_seed(4).specimen(0).mask)
    level = turned(ink, slope(ink))
    assert level.shape[1] > 2.2 * level.shape[0]
    assert abs(slope(level)) < 0.5
    return level


def test_a_usual_slope_is_left_as_it_is(name: Ink):
    assert levelled(name) is name
    slightly = turned(name, 4)
    assert levelled(slightly) is slightly


@pytest.mark.parametrize("degrees", [-25, -12, -8, 8, 12, 25])
def test_what_goes_beyond_it_is_taken_off(name: Ink, degrees: int):
    left = slope(levelled(turned(name, degrees)))
    assert left == pytest.approx(-4.5 * np.sign(degrees), abs=1)


def test_no_limit_is_a_step(name: Ink):
    slopes = [slope(levelled(turned(name, degrees))) for degrees in range(-60, 61)]
    assert np.abs(np.diff(slopes)).max() < 4.5


def test_it_fades_in_with_the_length_of_the_ink():
    slopes = []
    for tall in range(30, 97, 3):
        y, x = np.indices((400, 400)) - 200
        bar = (np.abs(x) < 100) & (np.abs(y) < tall)
        slopes.append(slope(levelled(turned(bar, 15))))
    assert slopes[0] == pytest.approx(-4.5, abs=1)
    assert slopes[-1] == pytest.approx(-15, abs=1)
    assert np.abs(np.diff(slopes)).max() < 4


@pytest.mark.parametrize("width", [120, 200, 300, 400])
def test_hairlines_are_not_torn(width: int):
    x = np.arange(width)
    y = width // 2 - 0.25 * (x - width // 2) + 14 * np.sin(0.225 * x)
    line = Image.new("L", (width, width))
    ImageDraw.Draw(line).line(list(zip(x.tolist(), y.tolist(), strict=True)), fill=255)
    ink = cropped(np.asarray(line) > 0)
    assert len(find_components(ink).area) == 1
    level = levelled(ink)
    assert level is not ink
    assert len(find_components(level).area) == 1


def test_what_has_no_direction_stays(name: Ink):
    tall = turned(name, 90)
    assert levelled(tall) is tall
    round_ink = np.hypot(*(np.indices((90, 90)) - 45)) < 40
    assert levelled(round_ink) is round_ink
    for few in (np.ones((1, 1), bool), np.ones((1, 300), bool), np.ones((300, 1), bool)):
        assert levelled(few) is few
