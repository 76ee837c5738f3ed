"""Connected components of a bilevel image, by its horizontal runs: a signature has a few thousand
runs where it has a few hundred thousand pixels, so this needs neither SciPy nor OpenCV."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Components:
    """Runs (row, start, end exclusive) and the component of each; then a row per component:
    `area` in pixels, `box` (left, top, right, bottom), right and bottom exclusive."""

    row: IntArray
    start: IntArray
    end: IntArray
    component: IntArray
    area: IntArray
    box: IntArray

    def __len__(self) -> int:
        return len(self.area)


def find_components(ink: NDArray[np.bool_]) -> Components:
    """8-connected components of `ink`, a boolean array (height, width)."""
    row, start, end = _runs(ink)
    upper, lower = _touching(row, start, end, ink.shape[1])
    component = _merge(len(row), upper, lower)
    count = int(component.max()) + 1 if len(component) else 0
    area = np.bincount(component, weights=end - start, minlength=count).astype(np.int64)
    return Components(row, start, end, component, area, _boxes(row, start, end, component, count))


def paint(parts: Components, keep: NDArray[np.bool_], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """An image of `shape` that holds only the components for which `keep` is true."""
    image = np.zeros(shape, np.bool_)
    image.ravel()[_pixels(parts, keep, shape[1])] = True
    return image


def without(
    ink: NDArray[np.bool_], parts: Components, gone: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """A copy of `ink`, whose components are `parts`, that lacks those for which `gone` is true."""
    image = np.array(ink, order="C")
    image.ravel()[_pixels(parts, gone, ink.shape[1])] = False
    return image


def touched_by(parts: Components, mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which components share a pixel with `mask`, of the image's shape."""
    running = np.zeros(mask.size + 1, np.int64)
    np.cumsum(mask, out=running[1:])
    at = parts.row * mask.shape[1]
    inside = running[at + parts.end] > running[at + parts.start]
    touched = np.zeros(len(parts), np.bool_)
    touched[parts.component[inside]] = True
    return touched


def _pixels(parts: Components, chosen: NDArray[np.bool_], width: int) -> IntArray:
    """The places of the chosen components' pixels in the flattened image."""
    runs = chosen[parts.component]
    start, length = parts.start[runs], parts.end[runs] - parts.start[runs]
    first = parts.row[runs] * width + start - (np.cumsum(length) - length)
    return np.repeat(first, length) + np.arange(length.sum())


def _runs(ink: NDArray[np.bool_]) -> tuple[IntArray, IntArray, IntArray]:
    height, width = ink.shape
    # One long line of all rows, a pixel of paper before each and one at the end.
    line = np.zeros(height * (width + 1) + 1, np.bool_)
    line[:-1].reshape(height, width + 1)[:, 1:] = ink
    edge = np.flatnonzero(line[1:] != line[:-1])
    row, start = np.divmod(edge[::2], width + 1)
    return row, start, edge[1::2] - row * (width + 1)


def _touching(
    row: IntArray, start: IntArray, end: IntArray, width: int
) -> tuple[IntArray, IntArray]:
    """Pairs of runs in neighbouring rows that touch, corners included."""
    stride = width + 2
    # Runs are in reading order, so their positions along one long line are sorted.
    first = np.searchsorted(row * stride + end, (row - 1) * stride + start, side="left")
    last = np.searchsorted(row * stride + start, (row - 1) * stride + end, side="right")
    count = np.maximum(last - first, 0)
    lower = np.repeat(np.arange(len(row)), count)
    offset = np.arange(len(lower)) - np.repeat(np.cumsum(count) - count, count)
    return np.repeat(first, count) + offset, lower


def _merge(count: int, upper: IntArray, lower: IntArray) -> IntArray:
    """Union of the pairs: the lowest label wins, with pointer jumping, so a few rounds suffice."""
    label = np.arange(count)
    label[lower] = upper  # most runs touch one above: whole strokes are joined before the rounds
    while True:
        further = label[label]
        if np.array_equal(further, label):
            apart = label[upper] != label[lower]
            if not apart.any():
                return np.unique(label, return_inverse=True)[1]
            upper, lower = upper[apart], lower[apart]
            a, b = label[upper], label[lower]
            np.minimum.at(further, np.maximum(a, b), np.minimum(a, b))
        label = further


def _boxes(
    row: IntArray, start: IntArray, end: IntArray, component: IntArray, count: int
) -> IntArray:
    box = np.empty((count, 4), np.int64)
    box[:, :2] = np.iinfo(np.int64).max
    box[:, 2:] = 0
    np.minimum.at(box[:, 0], component, start)
    np.minimum.at(box[:, 1], component, row)
    np.maximum.at(box[:, 2], component, end)
    np.maximum.at(box[:, 3], component, row + 1)
    return box
