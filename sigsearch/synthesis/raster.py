"""Ink on a grid: discs stamped along the path at twice the resolution, then halved."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from sigsearch.synthesis.glyphs import BoolArray, FloatArray

GreyImage = NDArray[np.uint8]
_FINE = 2  # stamping grid cells in a pixel


@cache
def _disc(quarters: int) -> NDArray[np.int64]:
    """Offsets (n, 2) of the cells within a radius of `quarters` / 4 cells."""
    radius = quarters / 4
    reach = int(np.ceil(radius))
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    inside = x * x + y * y <= radius * radius
    return np.stack([y[inside], x[inside]], axis=1)


def draw_ink(
    xy: FloatArray, down: BoolArray, width: FloatArray, density: FloatArray
) -> tuple[GreyImage, FloatArray]:
    """Draw a path `xy` (t, 2) in pixels, y downwards, with `width` (pixels) and `density` 0..1.

    Returns the grey ink (0 = none, 255 = full) with a margin, and the path on that image.
    """
    drawn = xy[down] if down.any() else xy[:1]
    margin = float(width.max()) + 6
    low = np.floor(drawn.min(0) - margin)
    wide, high = (np.ceil(drawn.max(0) + margin) - low).astype(int)
    path = xy - low
    canvas = np.zeros((high * _FINE, wide * _FINE), np.uint8)
    x, y, radius, dark = _resample(path * _FINE, down, width * (_FINE / 2), density)
    row, column = np.rint(y).astype(np.int64), np.rint(x).astype(np.int64)
    cells, stride = canvas.reshape(-1), canvas.shape[1]
    base = row * stride + column
    quarters = np.maximum(np.rint(radius * 2).astype(np.int64) * 2, 4)
    for quarter in np.unique(quarters):
        chosen = quarters == quarter
        offsets = _disc(int(quarter)) @ (stride, 1)
        cells[base[chosen][:, None] + offsets] = dark[chosen][:, None]
    return _halve(canvas), path


def _resample(
    xy: FloatArray, down: BoolArray, radius: FloatArray, density: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray, GreyImage]:
    """Points a fraction of the radius apart, on the paper only."""
    step = np.hypot(*np.diff(xy, axis=0).T)
    step[~(down[1:] & down[:-1])] = 0.0
    along = np.insert(np.cumsum(step), 0, 0.0)
    spacing = max(0.8, 0.35 * float(np.median(radius)))
    at = np.arange(0.0, max(along[-1], spacing), spacing)
    index = np.interp(at, along, np.arange(len(along)))
    # A pen lift has no length: the path jumps there, and nothing may be drawn in between.
    near = np.minimum(index.astype(np.int64), len(along) - 2)
    part = np.where(down[near] & down[near + 1], index - near, 0.0)
    part = np.where(down[near] | ~down[near + 1], part, 1.0)
    ink = down[near] | down[near + 1]

    def between(values: FloatArray) -> FloatArray:
        return np.asarray((values[near] * (1 - part) + values[near + 1] * part)[ink])

    dark = np.clip(between(density) * 255, 0, 255).astype(np.uint8)
    return between(xy[:, 0]), between(xy[:, 1]), between(radius), dark


def _halve(canvas: GreyImage) -> GreyImage:
    from PIL import Image

    return np.asarray(Image.fromarray(canvas).reduce(_FINE))
