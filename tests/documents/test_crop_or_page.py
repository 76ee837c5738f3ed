"""The look before the detector: a crop stays a crop, a page is seen as one."""

from __future__ import annotations

import numpy as np
import pytest
from drawn_pages import photographed, printed, put

from sigsearch.documents.crop_or_page import LEAST_PAGE, look_at
from sigsearch.imaging.load import Page
from sigsearch.synthesis import SCRIPTS, Writer, capture


def seen(grey: np.ndarray) -> str:
    return look_at(Page(grey, "image.png", "")).seen


@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("enlarged", [1, 3])
def test_a_crop_is_a_crop(script: str, enlarged: int):
    ink = Writer.from_seed(3, script).specimen(0).page
    assert seen(np.kron(ink, np.ones((enlarged, enlarged), np.uint8))) == "crop"


def test_a_signature_alone_on_a_sheet_is_a_crop():
    blank = np.full((1754, 1240), 255, np.uint8)
    assert seen(put(blank, Writer.from_seed(3).specimen(0).page, 300, 1300)) == "crop"
    assert seen(blank) == "crop"  # said to be blank by who reads it


@pytest.mark.parametrize("width", [500, 1240, 2480])
def test_a_page_of_print_is_a_page(width: int):
    assert seen(printed(width, width * 1754 // 1240)) == "page"


def test_a_few_lines_are_not_decided_by_the_look():
    assert seen(printed(lines=1)[:700]) in ("unsure", "page")


def test_a_scanned_crop_is_a_crop():
    scanned = capture(Writer.from_seed(5).specimen(1), "scan").image
    assert seen(np.kron(scanned, np.ones((2, 2), np.uint8))) == "crop"


def test_small_pictures_are_not_looked_at():
    assert seen(printed(200, 200)) == "crop"
    assert LEAST_PAGE > 200 * 200


def test_a_desk_shows_at_the_border():
    sheet = printed(900, 1200)
    photo = photographed(sheet, [(400, 100), (1100, 90), (1150, 1100), (380, 1090)])
    assert look_at(Page(photo, "photo.jpg", "")).dark_border
    assert not look_at(Page(sheet, "scan.png", "")).dark_border
