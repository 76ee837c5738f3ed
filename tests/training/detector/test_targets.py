"""What the detector is taught of a page."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from sigsearch.training.detector.network import STRIDE
from sigsearch.training.detector.targets import middle_loss, side_loss, targets

BOX = (64.0, 80.0, 160.0, 120.0, 0.0)


def taught(*boxes: tuple[float, ...]):
    return targets([np.array(boxes, np.float32).reshape(-1, 5)], (192, 256))


def exact_sides(told: torch.Tensor) -> torch.Tensor:
    rows, columns = told.shape[3:]
    y = (torch.arange(rows)[:, None] + 0.5) * STRIDE
    x = (torch.arange(columns)[None] + 0.5) * STRIDE
    left, top, right, bottom = told.unbind(2)
    return torch.stack([x - left, y - top, right - x, bottom - y], dim=2)


def test_a_box_has_one_middle_in_its_kind():
    bells, _, weight = taught(BOX, (200, 20, 230, 40, 2))
    assert (bells[0, 0] > 0.999).sum() == 1
    assert (bells[0, 2] > 0.999).sum() == 1
    assert not bells[0, 1].any()
    row, column = divmod(int(bells[0, 0].argmax()), bells.shape[3])
    assert (column + 0.5) * STRIDE == pytest.approx(112, abs=STRIDE)
    assert (row + 0.5) * STRIDE == pytest.approx(100, abs=STRIDE)
    assert weight.sum() == pytest.approx(2)


def test_a_stamp_upon_a_signature_takes_nothing_from_it():
    _, told, weight = taught(BOX, (60, 70, 170, 130, 2))
    alone = taught(BOX)
    assert torch.equal(told[0, 0], alone[1][0, 0])
    assert torch.equal(weight[0, 0], alone[2][0, 0])
    assert weight[0, 1].sum() == pytest.approx(1)


def test_the_right_answer_costs_nothing_and_a_wrong_one_does():
    bells, told, weight = taught(BOX)
    kinds = torch.ones(3)
    right = torch.where(bells > 0.999, 12.0, -12.0)
    assert middle_loss(right, bells, kinds) < 0.01
    assert middle_loss(-right, bells, kinds) > 5
    sides = exact_sides(told)
    assert side_loss(sides, told, weight) == pytest.approx(0, abs=1e-4)
    assert side_loss(sides + 20, told, weight) > 0.3


def test_a_page_without_boxes_is_taught_too():
    bells, told, weight = taught()
    logits = torch.full_like(bells, -2.0, requires_grad=True)
    loss = middle_loss(logits, bells, torch.ones(3))
    loss.backward()
    assert logits.grad is not None
    assert logits.grad.abs().sum() > 0
    assert side_loss(torch.ones_like(told), told, weight) == 0
