"""Which way up a page lies, by its print."""

from __future__ import annotations

import numpy as np
import pytest
from drawn_pages import printed

from sigsearch.documents.upright import quarter_turns, turned
from sigsearch.imaging.load import Page

PRINTED = printed()


@pytest.mark.parametrize("lies", [0, 1, 2, 3])
def test_a_page_is_righted(lies: int):
    page = Page(turned(PRINTED, lies), "page.png", "")
    assert (lies + quarter_turns(page)) % 4 == 0
    assert np.array_equal(turned(page.grey, quarter_turns(page)), PRINTED)


def test_a_page_without_print_stays_as_it_is():
    blank = np.full((800, 600), 255, np.uint8)
    assert quarter_turns(Page(blank, "blank.png", "")) == 0
    few = printed(lines=1)[:300]
    assert quarter_turns(Page(turned(few, 2), "few.png", "")) in (0, 2)


def test_dirt_turns_no_page():
    dirt = np.random.default_rng(2).random(PRINTED.shape) < 0.01
    page = Page(np.where(dirt, 0, 255).astype(np.uint8), "dirt.png", "")
    assert quarter_turns(page) == 0
