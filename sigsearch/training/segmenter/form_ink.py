"""Ink made another hand's: mirrored, slanted, stretched, bent and put beside other ink, it looks
like scripts that neither an invented nor a real writer of the training sets writes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sigsearch.imaging.ink import cropped, stroke_width

Mask = NDArray[np.bool_]

_BENT = (3, 5)  # knots of the bending, down and across


def another_hand(ink: Mask, rng: np.random.Generator) -> Mask:
    """`ink` (height, width), cropped to its box, in a hand that nobody has; cropped too."""
    if rng.random() < 0.4:
        ink = ink[:, ::-1]
    if rng.random() < 0.4:
        ink = ink[::-1]
    if rng.random() < 0.1:
        ink = ink.T
    ink = cropped(_bent(ink, rng))
    return _with_straight_strokes(ink, rng) if rng.random() < 0.25 else ink


def side_by_side(inks: Sequence[Mask], rng: np.random.Generator) -> Mask:
    """Several as one signature of small writing: in a row, or one below the other."""
    height = int(np.mean([ink.shape[0] for ink in inks]))
    gap = round(float(rng.uniform(0.05, 0.5)) * height)
    alike = [resized(ink, (ink.shape[1] * height // ink.shape[0], height), 100) for ink in inks]
    if rng.random() < 0.3:
        wide = max(ink.shape[1] for ink in alike)
        rows = [np.pad(ink, ((0, gap), (0, wide - ink.shape[1]))) for ink in alike]
        return cropped(np.concatenate(rows))
    return cropped(np.concatenate([np.pad(ink, ((0, 0), (0, gap))) for ink in alike], axis=1))


def resized(ink: Mask, size: tuple[int, int], least: float) -> Mask:
    """`ink` in so many pixels (width, height), at least one; inked are those that more than `least`
    of 255 covers."""
    from PIL import Image

    grey = Image.fromarray(ink.view(np.uint8) * np.uint8(255))
    covered = grey.resize((max(size[0], 1), max(size[1], 1)), Image.Resampling.BOX)
    return np.asarray(np.asarray(covered) > least)


def _with_straight_strokes(ink: Mask, rng: np.random.Generator) -> Mask:
    """One to four strokes of the pen as straight as a rule, level or upright, but no longer than
    the writing."""
    from PIL import Image, ImageDraw

    picture = Image.fromarray(ink.view(np.uint8) * np.uint8(255))
    draw = ImageDraw.Draw(picture)
    wide = max(round(stroke_width(ink)), 1)
    for _ in range(int(rng.integers(1, 5))):
        (x, y), long = rng.uniform(0, 1, 2) * picture.size, rng.uniform(0.15, 0.7)
        off = rng.normal(0, 0.04) * long
        way = (long, off) if rng.random() < 0.6 else (off, long)
        along = np.array(way) * (picture.size if rng.random() < 0.5 else (min(picture.size),) * 2)
        draw.line((x, y, x + along[0], y + along[1]), 255, wide)
    return np.asarray(picture) > 0


def _bent(ink: Mask, rng: np.random.Generator) -> Mask:
    """Slanted, stretched and elastically bent."""
    height, width = ink.shape
    slant, bend = rng.normal(0, 0.2), rng.uniform(0, 0.08) * height
    wide = max(int(width * np.exp(rng.normal(0, 0.25))), 8)
    edge = int(abs(slant) * height / 2 + 2 * bend) + 1
    y, x = np.mgrid[-edge : height + edge, -edge : wide + edge].astype(np.float32)
    shape = (height + 2 * edge, wide + 2 * edge)
    down, across = (bend * _smooth(shape, rng) for _ in range(2))
    from_y = np.rint(y + down).astype(int)
    from_x = np.rint((x + across + slant * (y - height / 2)) * (width / wide)).astype(int)
    inside = (from_y >= 0) & (from_y < height) & (from_x >= 0) & (from_x < width)
    made = np.zeros(shape, np.bool_)
    made[inside] = ink[from_y[inside], from_x[inside]]
    return made


def _smooth(shape: tuple[int, int], rng: np.random.Generator) -> NDArray[np.float32]:
    from PIL import Image

    knots = Image.fromarray(rng.normal(0, 1, _BENT).astype(np.float32))
    return np.asarray(knots.resize(shape[::-1], Image.Resampling.BICUBIC))
