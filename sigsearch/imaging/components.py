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
    return _mask(parts, keep, shape)


def without(
    ink: NDArray[np.bool_], parts: Components, gone: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """A copy of `ink`, whose components are `parts`, that lacks those for which `gone` is true."""
    return ink & ~_mask(parts, gone, ink.shape)


def touched_by(parts: Components, mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which components share a pixel with `mask`, of the image's shape."""
    running = np.zeros(mask.size + 1, np.int32)
    np.cumsum(mask, out=running[1:])
    at = parts.row * mask.shape[1]
    inside = running[at + parts.end] > running[at + parts.start]
    touched = np.zeros(len(parts), np.bool_)
    touched[parts.component[inside]] = True
    return touched


def labels(parts: Components, shape: tuple[int, ...]) -> IntArray:
    """(height, width): the component of each pixel, -1 for paper."""
    lengths = _stretches(parts, np.ones(len(parts), np.bool_), shape)
    values = np.full(len(lengths), -1)
    values[1::2] = parts.component
    return np.repeat(values, lengths).reshape(shape)


def _mask(
    parts: Components, chosen: NDArray[np.bool_], shape: tuple[int, ...]
) -> NDArray[np.bool_]:
    """Where the chosen components are."""
    lengths = _stretches(parts, chosen, shape)
    return np.repeat(np.arange(len(lengths)) % 2 == 1, lengths).reshape(shape)


def _stretches(parts: Components, chosen: NDArray[np.bool_], shape: tuple[int, ...]) -> IntArray:
    """The lengths of what lies between the chosen runs and of these, in turn, in reading order."""
    runs = chosen[parts.component]
    at = parts.row[runs] * shape[1]
    edges = np.stack([at + parts.start[runs], at + parts.end[runs]], axis=1).ravel()
    return np.diff(edges, prepend=0, append=shape[0] * shape[1])


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
    """Union of the pairs, all at once (after Shiloach and Vishkin 1982): every tree of labels is
    hooked to the lowest neighbour, then each label looks up its root. What is joined drops out, and
    at least half of the trees that are left are joined in each of a few rounds."""
    label = np.arange(count)
    label[lower] = upper  # most runs touch one above: whole strokes are joined before the rounds
    label = _roots(label)
    upper, lower = label[upper], label[lower]
    while len(apart := np.flatnonzero(upper != lower)):
        upper, lower = upper[apart], lower[apart]
        high, low = np.maximum(upper, lower), np.minimum(upper, lower)
        np.minimum.at(label, high, low)
        label = _roots(label)
        upper, lower = label[high], label[low]
    own = label == np.arange(count)
    return (np.cumsum(own) - 1)[label]


def _roots(label: IntArray) -> IntArray:
    """Each label's root: pointer jumping."""
    while not np.array_equal(further := label[label], label):
        label = further
    return label


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
