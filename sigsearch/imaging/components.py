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
    steps = np.zeros((shape[0], shape[1] + 1), np.int8)
    runs = keep[parts.component]
    steps[parts.row[runs], parts.start[runs]] = 1
    steps[parts.row[runs], parts.end[runs]] = -1
    return np.cumsum(steps, axis=1, dtype=np.int8)[:, :-1].astype(np.bool_)


def _runs(ink: NDArray[np.bool_]) -> tuple[IntArray, IntArray, IntArray]:
    padded = np.zeros((ink.shape[0], ink.shape[1] + 2), np.bool_)
    padded[:, 1:-1] = ink
    row, edge = np.nonzero(padded[:, 1:] != padded[:, :-1])
    return row[::2], edge[::2], edge[1::2]


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
    """Union of the pairs: lowest label wins, with pointer jumping, so a few rounds suffice."""
    label = np.arange(count)
    while True:
        low = np.minimum(label[upper], label[lower])
        before = label.copy()
        np.minimum.at(label, label[upper], low)
        np.minimum.at(label, label[lower], low)
        label = label[label]
        if np.array_equal(label, before):
            return np.unique(label, return_inverse=True)[1]


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
