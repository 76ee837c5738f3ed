"""The view of a page that the detector has."""

from __future__ import annotations

import numpy as np
import pytest

from sigsearch.documents.page_view import LOOKS, STRIDE, darkness, views_of


@pytest.mark.parametrize("shape", [(2339, 1654), (1169, 827), (600, 1400), (3508, 2480)])
def test_every_page_is_seen_at_about_one_size(shape: tuple[int, int]):
    views = views_of(np.full(shape, 255, np.uint8))
    for area, (view, scale) in zip(LOOKS, views, strict=True):
        assert area * 0.9 < scale**2 * shape[0] * shape[1] < area * 1.1
        assert all(side % STRIDE == 0 for side in view.shape)


@pytest.mark.parametrize("shape", [(1, 1), (3, 5000), (5000, 3), (20, 20)])
def test_odd_pages_have_a_view(shape: tuple[int, int]):
    for view, scale in views_of(np.full(shape, 200, np.uint8)):
        assert not view.any()
        assert scale > 0


def test_shadows_and_tinted_paper_are_even():
    light = np.linspace(90, 250, 600)[None, :] * np.ones((400, 1))
    page = light.astype(np.uint8)
    page[200:204, ::60] = (page[200:204, ::60] * 0.2).astype(np.uint8)
    dark = darkness(page)
    assert dark[:190].max() < 30
    inked = dark[201, ::60]
    assert inked.min() > 180
