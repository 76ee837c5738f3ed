"""Figures of what was found."""

from __future__ import annotations

import numpy as np
import pytest

from sigsearch.training.detector.found_figures import (
    FoundOnPage,
    at_threshold,
    figures,
    judge,
    threshold_of,
)


def page(sure: list[float], right: list[bool], there: int) -> FoundOnPage:
    return FoundOnPage(np.array(sure, np.float32), np.array(right, bool), there)


def test_all_found_and_nothing_else_is_one():
    result = figures([page([0.9], [True], 1)] * 10)
    assert result.precision == 1
    assert result.recall == 1
    assert result.precision_range == (1, 1)


def test_average_precision_by_hand():
    # Ranked: hit, miss, hit; three to find. Precision 1 up to 1/3, 2/3 up to 2/3.
    result = figures([page([0.9, 0.8, 0.7], [True, False, True], 3)])
    assert result.precision == pytest.approx((1 + 2 / 3) / 3)


def test_recall_stops_at_one_false_box_in_five_pages():
    pages = [page([0.9], [True], 1)] * 8 + [page([0.8, 0.3], [False, True], 1)] * 2
    result = figures(pages)
    assert result.recall == 1
    pages = [page([0.5], [True], 1)] * 7 + [page([0.8, 0.3], [False, True], 1)] * 3
    assert figures(pages).recall == 0
    assert at_threshold(pages, 0.4) == (0.7, 0.3)


def test_each_true_box_is_found_once_and_what_lies_aside_counts_neither_way():
    truth = np.array([(0, 0, 100, 50, 0), (200, 0, 240, 30, 1)], np.float32)
    boxes = np.array([(0, 0, 100, 48), (5, 0, 100, 50), (200, 0, 240, 30)], np.float32)
    seen = judge(boxes, np.array([0.9, 0.8, 0.7], np.float32), truth, aside=(1,))
    assert seen.right.tolist() == [True, False]
    assert seen.there == 1


def test_the_threshold_keeps_unsigned_pages_clean_too():
    right, wrong = np.array([True]), np.array([False])
    signed = [FoundOnPage(np.array([0.9], np.float32), right, 1) for _ in range(20)]
    unsigned = [FoundOnPage(np.array([0.5 + n / 100], np.float32), wrong, 0) for n in range(10)]
    threshold = threshold_of(signed + unsigned, unsigned)
    assert at_threshold(unsigned, threshold)[1] <= 0.2
    assert at_threshold(unsigned, threshold - 0.02)[1] > 0.2
    assert at_threshold(signed, threshold)[0] == 1.0
    assert threshold_of(signed, []) <= 0.9
