"""Bilevel ink -> the small canvas that the network sees.

The ink is cropped to its own box and set in the middle, its aspect kept. Stroke width is brought
into a narrow band first: a pen tells who lent it, not who wrote, and a hairline would fade to
nothing when made small.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sigsearch.imaging.ink import Ink, stroke_width

_MARGIN = 2  # pixels of paper on each side of the canvas
_THINNEST, _THICKEST = 1.6, 3.0  # stroke width in canvas pixels, for a canvas 96 pixels high
_REFERENCE_HEIGHT = 96


def set_on_canvas(ink: Ink, shape: tuple[int, int]) -> NDArray[np.uint8]:
    """`ink` (already cropped to its box) on a canvas of `shape` (height, width): uint8, 0 = paper,
    255 = ink."""
    from PIL import Image

    even = _even_strokes(ink, _scale(ink.shape, shape), shape[0] / _REFERENCE_HEIGHT)
    top, left, height, width = placed(ink.shape, shape)
    picture = Image.fromarray(even.view(np.uint8) * np.uint8(255))
    small = np.asarray(picture.resize((width, height), Image.Resampling.BILINEAR, reducing_gap=2.0))
    canvas = np.zeros(shape, np.uint8)
    canvas[top : top + height, left : left + width] = small
    return canvas


def placed(ink: tuple[int, ...], shape: tuple[int, ...]) -> tuple[int, int, int, int]:
    """Where ink of a shape (height, width) lies on a canvas of `shape`: top, left, height,
    width."""
    scale = _scale(ink, shape)
    height, width = max(round(ink[0] * scale), 1), max(round(ink[1] * scale), 1)
    return (shape[0] - height) // 2, (shape[1] - width) // 2, height, width


def _scale(ink: tuple[int, ...], shape: tuple[int, ...]) -> float:
    return min((shape[1] - 2 * _MARGIN) / ink[1], (shape[0] - 2 * _MARGIN) / ink[0])


def _even_strokes(ink: Ink, scale: float, unit: float) -> Ink:
    """Thicken or thin `ink` so that its strokes fall into the band on the canvas."""
    stroke = stroke_width(ink)
    target = min(max(stroke, _THINNEST * unit / scale), _THICKEST * unit / scale)
    steps = round((target - stroke) / 2)
    if steps > 0:
        return grown(ink, steps)
    if steps < 0:
        return _shrink(ink, -steps)
    return ink


def grown(ink: Ink, steps: int) -> Ink:
    """`ink` broader by `steps` pixels on every side: dilation by a disc-like octagon, squares and
    crosses in turn."""
    for step in range(steps):
        tall = ink.copy()
        tall[1:] |= ink[:-1]
        tall[:-1] |= ink[1:]
        base = tall if step % 2 else ink
        wide = tall.copy()
        wide[:, 1:] |= base[:, :-1]
        wide[:, :-1] |= base[:, 1:]
        ink = wide
    return ink


def _shrink(ink: Ink, steps: int) -> Ink:
    return ~grown(~ink, steps)
