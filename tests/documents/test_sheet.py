"""A photographed sheet is found, flattened and evened; nothing else is taken for one."""

from __future__ import annotations

import numpy as np
import pytest
from drawn_pages import photographed, printed

from sigsearch.documents.sheet import MAX_PIXELS, evened, flattened
from sigsearch.imaging.load import Page

SHEET = printed(1000, 1400, lines=8)
CORNERS = [(420, 90), (1130, 130), (1190, 1120), (360, 1080)]


def page_of(grey: np.ndarray) -> Page:
    return Page(grey, "photo.jpg", "")


def test_the_sheet_is_cut_out_and_seen_from_above():
    found = flattened(page_of(photographed(SHEET, CORNERS)))
    assert found is not None
    flat = found.page.grey
    assert found.slanted
    assert flat.shape[1] / flat.shape[0] == pytest.approx(1000 / 1400, rel=0.12)
    small = np.asarray(
        [part.mean() for rows in np.array_split(flat, 14) for part in np.array_split(rows, 10, 1)]
    )
    wanted = np.asarray(
        [part.mean() for rows in np.array_split(SHEET, 14) for part in np.array_split(rows, 10, 1)]
    )
    assert np.corrcoef(small, wanted)[0, 1] > 0.9
    assert min(flat[0].min(), flat[-1].min(), flat[:, 0].min(), flat[:, -1].min()) > 200  # no desk


def test_light_that_falls_off_is_evened():
    light = np.linspace(0.4, 1.0, SHEET.shape[1])[None, :]
    even = evened((SHEET * light).astype(np.uint8))
    assert np.median(even[:, :200]) == pytest.approx(np.median(even[:, -200:]), abs=3)


def test_a_sheet_that_touches_the_border_of_the_picture_is_cut_out():
    corners = [(0, 0), (1100, 0), (1150, 1199), (0, 1199)]
    found = flattened(page_of(photographed(SHEET, corners)))
    assert found is not None
    assert found.page.grey[:, -1].min() > 200


@pytest.mark.parametrize("brightest", [1.0, 0.55])
def test_a_page_in_uneven_light_is_no_sheet_on_a_desk(brightest: float):
    light = np.linspace(brightest, 0.35, SHEET.shape[0])[:, None]
    assert flattened(page_of((SHEET * light).astype(np.uint8))) is None


def test_bright_ink_on_black_and_noise_are_no_sheets():
    assert flattened(page_of(255 - SHEET)) is None
    noise = np.random.default_rng(1).integers(0, 255, (900, 1200), dtype=np.uint8)
    assert flattened(page_of(noise)) is None
    assert flattened(page_of(np.full((900, 1200), 255, np.uint8))) is None


def test_a_large_photograph_gives_no_larger_sheet_than_is_of_use():
    large = np.kron(photographed(SHEET, CORNERS), np.ones((3, 3), np.uint8))
    found = flattened(page_of(large))
    assert found is not None
    assert found.page.grey.size <= 1.01 * MAX_PIXELS


def test_a_scan_with_black_edges_is_not_slanted():
    scan = np.full((1500, 1200), 10, np.uint8)
    scan[40:1440, 100:1100] = SHEET
    found = flattened(page_of(scan))
    assert found is not None
    assert not found.slanted
    assert found.page.grey.shape == pytest.approx((1400, 1000), rel=0.03)
