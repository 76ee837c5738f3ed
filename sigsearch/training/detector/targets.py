"""What the network should have said of a page, and how far it was from that."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from sigsearch.documents.peaks import STAMP
from sigsearch.training.detector.network import GROUPS, STRIDE
from sigsearch.training.detector.packed_pages import KINDS, Boxes

_SPREAD = 0.54 / 6  # of a box's side: the deviation of its bell
_INSIDE = 0.35  # of the bell: places below tell nothing of the sides
_LEAST_SIDE = 2.0  # places: boxes smaller than that get the bell of one that size


def targets(boxes: Sequence[Boxes], shape: tuple[int, int]) -> tuple[Tensor, Tensor, Tensor]:
    """For pages of `shape` (height, width) pixels with these boxes: bells (n, kinds, h / 8, w / 8)
    that are 1 at the middle of a box, boxes (n, 2, 4, h / 8, w / 8) to be told at each place, of
    hands and of stamps, and the weight (n, 2, h / 8, w / 8) of that."""
    rows, columns = shape[0] // STRIDE, shape[1] // STRIDE
    bells = torch.zeros(len(boxes), len(KINDS), rows, columns)
    told = torch.zeros(len(boxes), GROUPS, 4, rows, columns)
    weight = torch.zeros(len(boxes), GROUPS, rows, columns)
    y, x = torch.arange(rows)[:, None], torch.arange(columns)[None]
    for page, own in enumerate(boxes):
        # Large ones first: where boxes overlap, the smaller one is told.
        for left, top, right, bottom, kind in sorted(own.tolist(), key=_area, reverse=True):
            middle = (left + right) / 2 / STRIDE - 0.5, (top + bottom) / 2 / STRIDE - 0.5
            wide = max((right - left) / STRIDE, _LEAST_SIDE) * _SPREAD
            high = max((bottom - top) / STRIDE, _LEAST_SIDE) * _SPREAD
            nearest = round(middle[0]), round(middle[1])
            if not (0 <= nearest[0] < columns and 0 <= nearest[1] < rows):
                continue
            # Around the nearest place, so that each box has one that is 1.
            across, down = (x - nearest[0]) / wide, (y - nearest[1]) / high
            bell = torch.exp(-(across**2 + down**2) / 2)
            heat = bells[page, int(kind)]
            torch.maximum(heat, bell, out=heat)
            inside = bell > _INSIDE
            group = int(kind == STAMP)
            told[page, group][:, inside] = torch.tensor([left, top, right, bottom])[:, None]
            weight[page, group][inside] = bell[inside] / bell[inside].sum()
    return bells, told, weight


def _area(box: Sequence[float]) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def middle_loss(logits: Tensor, bells: Tensor, weights: Tensor) -> Tensor:
    """The focal loss of CornerNet (Law and Deng 2018), a box; `weights` (kinds,) of the kinds."""
    likely = logits.sigmoid().clamp(1e-4, 1 - 1e-4)
    hit = bells > 0.999
    at_hit = -torch.log(likely) * (1 - likely) ** 2 * hit
    elsewhere = -torch.log(1 - likely) * likely**2 * (1 - bells) ** 4 * ~hit
    each = (at_hit + elsewhere).sum((0, 2, 3)) * weights
    return each.sum() / hit.sum().clamp(min=1)


def side_loss(sides: Tensor, told: Tensor, weight: Tensor) -> Tensor:
    """One minus the generalised overlap (Rezatofighi et al. 2019), a box."""
    rows, columns = weight.shape[2:]
    sides, told = sides.flatten(0, 1), told.flatten(0, 1)
    y = (torch.arange(rows)[:, None] + 0.5) * STRIDE
    x = (torch.arange(columns)[None] + 0.5) * STRIDE
    left, top, right, bottom = x - sides[:, 0], y - sides[:, 1], x + sides[:, 2], y + sides[:, 3]
    a, b, c, d = told.unbind(1)
    inner = _over(torch.minimum(right, c) - torch.maximum(left, a)) * _over(
        torch.minimum(bottom, d) - torch.maximum(top, b)
    )
    union = (right - left) * (bottom - top) + (c - a) * (d - b) - inner
    hull = (torch.maximum(right, c) - torch.minimum(left, a)) * (
        torch.maximum(bottom, d) - torch.minimum(top, b)
    )
    overlap = inner / union.clamp(min=1) - (hull - union) / hull.clamp(min=1)
    return ((1 - overlap) * weight.flatten(0, 1)).sum() / weight.sum().clamp(min=1)


def _over(length: Tensor) -> Tensor:
    return length.clamp(min=0)
