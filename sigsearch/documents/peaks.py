"""From what the network says of each place to boxes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Peaks = tuple[Floats, Floats, NDArray[np.int64]]
"""Boxes (n, 4) as left, top, right and bottom, their confidence (n,) and kind (n,), the likeliest
first."""
STRIDE = 8
STAMP = 2
_LEAST = 0.02  # confidence: less is not worth keeping
_MOST = 60  # boxes on a page
_SAME = 0.45  # overlap: of two boxes of one kind that share more, the likelier stays
_WITHIN = 0.75  # of the smaller box: a part of a signature is not another
_NEARLY = 0.68  # of the confidence that makes a box sure
_COMPANY = 2  # sure boxes in line with it: on validation pages one brought more false ones
_IN_LINE = 0.5  # of the shorter side of two boxes in a row or a column is shared
_SPACING = 4.0  # heights: those in a column are no further apart
_LIKE_SIZE = 2.5  # ratio of their heights


def find_peaks(middles: Floats, sides: Floats) -> Peaks:
    """`middles` (kinds, h, w), 0 but at peaks; `sides` (2, 4, h, w) in pixels, of what a hand left
    and of a stamp."""
    kind, row, column = np.nonzero(middles > _LEAST)
    sure = middles[kind, row, column]
    order = np.argsort(-sure, kind="stable")[: 4 * _MOST]
    kind, row, column, sure = kind[order], row[order], column[order], sure[order]
    left, top, right, bottom = sides[(kind == STAMP).astype(int), :, row, column].T
    x, y = (column + 0.5) * STRIDE, (row + 0.5) * STRIDE
    boxes = np.stack([x - left, y - top, x + right, y + bottom], axis=1).astype(np.float32)
    kept = _apart(boxes, kind)[:_MOST]
    return boxes[kept], sure[kept], kind[kept]


def merged(looks: Sequence[Peaks]) -> Peaks:
    """What was found when a page was looked at several times, in the same pixels: a mark's
    confidence is the mean over all looks, its box and its kind the mean of those that saw it."""
    boxes, sure, kind = (np.concatenate(parts) for parts in zip(*looks, strict=True))
    look = np.repeat(np.arange(len(looks)), [len(one[1]) for one in looks])
    stamp, free, found = kind == STAMP, np.ones(len(sure), bool), []
    for at in np.argsort(-sure, kind="stable"):
        if not free[at]:
            continue
        near = np.flatnonzero(free & (stamp == stamp[at]))
        near = near[overlap(boxes[at], boxes[near])[0] > _SAME]
        free[near] = free[at] = False
        best = np.array([own[sure[own].argmax()] for n in range(len(looks))
                         if (own := near[look[near] == n]).size])  # fmt: skip
        weight = sure[best]
        box = (boxes[best] * weight[:, None]).sum(0) / weight.sum()
        likeliest = int(np.bincount(kind[best], weight).argmax())
        found.append((*box, weight.sum() / len(looks), likeliest))
    rows = np.array(found, np.float32).reshape(-1, 6)
    rows = rows[np.argsort(-rows[:, 4], kind="stable")]
    kinds = rows[:, 5].astype(np.int64)
    kept = _apart(rows[:, :4], kinds)
    return rows[kept, :4], rows[kept, 4], kinds[kept]


def in_company(found: Peaks, enough: float) -> Peaks:
    """Those who sign a document sign below or beside one another: what is nearly sure and stands in
    line with sure ones is as sure as `enough`."""
    boxes, sure, kind = found
    certain = boxes[(sure >= enough) & (kind != STAMP)]
    nearly = (sure >= _NEARLY * enough) & (sure < enough) & (kind != STAMP)
    lifted = sure.copy()
    for at in np.flatnonzero(nearly):
        if int(_in_line(boxes[at], certain).sum()) >= _COMPANY:
            lifted[at] = enough
    order = np.argsort(-lifted, kind="stable")
    return boxes[order], lifted[order], kind[order]


def _in_line(box: Floats, others: Floats) -> NDArray[np.bool_]:
    """Which of `others` (n, 4) stand in a column or a row with a box of about their height."""
    width, height = box[2] - box[0], box[3] - box[1]
    widths, heights = others[:, 2] - others[:, 0], others[:, 3] - others[:, 1]
    shared = np.minimum(box[2:], others[:, 2:]) - np.maximum(box[:2], others[:, :2])
    near = -shared[:, 1] < _SPACING * np.maximum(height, heights)
    column = (shared[:, 0] > _IN_LINE * np.minimum(width, widths)) & near
    row = shared[:, 1] > _IN_LINE * np.minimum(height, heights)
    alike = np.maximum(height, heights) < _LIKE_SIZE * np.minimum(height, heights)
    in_line: NDArray[np.bool_] = (column | row) & alike
    return in_line


def _apart(boxes: Floats, kind: NDArray[np.int64]) -> NDArray[np.int64]:
    """The rows that stay when each box drops the less likely ones that are the same mark: stamps
    may lie over signatures, but no two hands' marks cover each other."""
    kept: list[int] = []
    stamp = kind == STAMP
    for at in range(len(boxes)):
        alike = [other for other in kept if stamp[other] == stamp[at]]
        if not alike:
            kept.append(at)
            continue
        shared, smaller = overlap(boxes[at], boxes[alike])
        if shared.max() <= _SAME and smaller.max() <= _WITHIN:
            kept.append(at)
    return np.array(kept, np.int64)


def overlap(box: Floats, others: Floats) -> tuple[Floats, Floats]:
    """How much of their union a box (4,) and others (n, 4) share, and how much of the smaller one:
    both (n,), 0..1."""
    low, high = np.maximum(box[:2], others[:, :2]), np.minimum(box[2:], others[:, 2:])
    inner = np.prod(np.maximum(high - low, 0), axis=1)
    own = float(np.prod(box[2:] - box[:2]))
    theirs = np.prod(others[:, 2:] - others[:, :2], axis=1)
    union, less = np.maximum(own + theirs - inner, 1e-6), np.maximum(np.minimum(own, theirs), 1e-6)
    return (inner / union).astype(np.float32), (inner / less).astype(np.float32)
