"""Ink in groups: words, stamps, captions; what lies closer together than a small part of the
whole."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from sigsearch.imaging.components import find_components, labels
from sigsearch.imaging.ink import Ink, cropped

Counts = NDArray[np.int64]

_CELLS = 64  # along the longer side of the page; a gap of two of them parts groups
_MOST_PARTS = 3  # that are left out in turn
_MOST_LEFT = 0.7  # of all ink in the largest group, for it to be what does not belong there


def without_a_group(ink: Ink) -> Iterator[Ink]:
    """`ink` (cropped to its box) without each of the groups that may not belong to it, one at a
    time, and the largest alone; cropped anew. Nothing where there is but one group."""
    group, cell = _groups(ink)
    sizes = _sums(_counted(ink, cell), group, int(group.max()) + 1)
    order = np.argsort(-sizes)
    if len(order) < 2:
        return
    chosen = [np.arange(len(sizes)) == order[0]]
    if len(order) > 2:
        chosen += [np.arange(len(sizes)) != at for at in order[1 : _MOST_PARTS + 1]]
    if sizes[order[0]] < _MOST_LEFT * sizes.sum():
        chosen.append(np.arange(len(sizes)) != order[0])
    for keep in chosen:
        yield _kept(ink, keep, group, cell)


def groups_alone(ink: Ink) -> Iterator[Ink]:
    """The largest groups of `ink`, each by itself and the two largest together, cropped."""
    group, cell = _groups(ink)
    sizes = _sums(_counted(ink, cell), group, int(group.max()) + 1)
    order = np.argsort(-sizes)[: _MOST_PARTS + 1]
    chosen = [np.arange(len(sizes)) == at for at in order]
    if len(order) > 2:
        chosen.append(np.isin(np.arange(len(sizes)), order[:2]))
    for keep in chosen:
        yield _kept(ink, keep, group, cell)


def _kept(ink: Ink, keep: NDArray[np.bool_], group: NDArray[np.int64], cell: int) -> Ink:
    return cropped(ink & _enlarged(np.append(keep, False)[group], cell, ink.shape))


def _groups(ink: Ink) -> tuple[NDArray[np.int64], int]:
    """Which group each cell of the page belongs to, -1 for none, and the cells' side in pixels."""
    cell = max(max(ink.shape) // _CELLS, 2)
    near = _counted(ink, cell) > 0
    wide = np.pad(near, 1)
    tall = wide[2:] | wide[1:-1] | wide[:-2]
    near = tall[:, 2:] | tall[:, 1:-1] | tall[:, :-2]
    return labels(find_components(near), near.shape), cell


def _counted(ink: Ink, cell: int) -> Counts:
    """How many pixels of ink each cell holds."""
    height, width = ink.shape
    padded = np.pad(ink, ((0, -height % cell), (0, -width % cell)))
    blocks = padded.reshape(padded.shape[0] // cell, cell, padded.shape[1] // cell, cell)
    counts: Counts = blocks.sum(axis=(1, 3))
    return counts


def _sums(counts: Counts, group: NDArray[np.int64], groups: int) -> Counts:
    inside = group >= 0
    return np.bincount(group[inside], counts[inside], groups).astype(np.int64)


def _enlarged(cells: NDArray[np.bool_], cell: int, shape: tuple[int, ...]) -> Ink:
    wide: Ink = np.repeat(np.repeat(cells, cell, axis=0), cell, axis=1)
    return wide[: shape[0], : shape[1]]
