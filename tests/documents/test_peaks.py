"""Peaks to boxes."""

from __future__ import annotations

import numpy as np
import pytest

from sigsearch.documents.peaks import STRIDE, find_peaks, in_company, merged, overlap


def peaks(*places: tuple[int, int, int, float]):
    middles, sides = np.zeros((3, 20, 30), np.float32), np.full((2, 4, 20, 30), 24, np.float32)
    for kind, row, column, sure in places:
        middles[kind, row, column] = sure
    return find_peaks(middles, sides)


def test_a_peak_is_a_box_around_its_place():
    boxes, sure, kind = peaks((0, 5, 7, 0.8))
    middle = (7.5 * STRIDE, 5.5 * STRIDE)
    assert boxes.tolist() == [[middle[0] - 24, middle[1] - 24, middle[0] + 24, middle[1] + 24]]
    assert sure == pytest.approx([0.8])
    assert kind.tolist() == [0]


def test_a_stamp_upon_a_signature_has_sides_of_its_own():
    middles, sides = np.zeros((3, 20, 30), np.float32), np.full((2, 4, 20, 30), 24, np.float32)
    middles[0, 9, 9], middles[2, 9, 9], sides[1] = 0.8, 0.7, 60
    boxes, _, kind = find_peaks(middles, sides)
    assert kind.tolist() == [0, 2]
    assert (boxes[:, 2] - boxes[:, 0]).tolist() == [48, 120]


def test_the_surest_is_first_and_the_same_mark_is_told_once():
    _, sure, kind = peaks((0, 5, 7, 0.5), (1, 5, 8, 0.9), (0, 15, 25, 0.7))
    assert sure == pytest.approx([0.9, 0.7])
    assert kind.tolist() == [1, 0]


def test_a_stamp_over_a_signature_leaves_both():
    _, _, kind = peaks((0, 5, 7, 0.5), (2, 5, 7, 0.9))
    assert sorted(kind.tolist()) == [0, 2]


def test_nothing_is_found_on_nothing():
    boxes, sure, kind = peaks()
    assert boxes.shape == (0, 4)
    assert not sure.size
    assert not kind.size


def test_two_looks_are_one_answer():
    both = merged([peaks((0, 5, 7, 0.8), (1, 15, 25, 0.6)), peaks((0, 5, 7, 0.4))])
    assert both[1] == pytest.approx([0.6, 0.3])
    assert both[2].tolist() == [0, 1]
    assert both[0][0].tolist() == peaks((0, 5, 7, 0.8))[0][0].tolist()
    assert merged([peaks(), peaks()])[0].shape == (0, 4)


def test_overlap_is_of_the_union_and_of_the_smaller():
    box = np.array([0, 0, 10, 10], np.float32)
    others = np.array([[0, 0, 10, 5], [20, 20, 30, 30]], np.float32)
    union, smaller = overlap(box, others)
    assert union.tolist() == [0.5, 0]
    assert smaller.tolist() == [1, 0]


def test_what_is_nearly_sure_is_sure_in_line_with_two_that_are():
    column = [(100, 100 + 120 * n, 400, 160 + 120 * n) for n in range(3)]
    beside, alone, flat = (600, 105, 900, 165), (100, 1500, 400, 1560), (100, 460, 400, 480)
    boxes = np.array([*column, beside, alone, flat], np.float32)
    sure = np.array([0.6, 0.5, 0.25, 0.25, 0.25, 0.25], np.float32)
    kinds = np.zeros(6, np.int64)
    corners, confidence, _ = in_company((boxes, sure, kinds), 0.3)
    assert corners[confidence >= np.float32(0.3)].tolist() == [list(map(float, b)) for b in column]
    assert list(confidence) == sorted(confidence, reverse=True)
    assert (in_company((boxes, sure, np.full(6, 2)), 0.3)[1] == sure).all()  # stamps
    less = np.where(sure < 0.3, np.float32(0.15), sure)
    assert (in_company((boxes, less, kinds), 0.3)[1] == less).all()
