"""Paper and capture, and the duplicator of real ink."""

from __future__ import annotations

import numpy as np
import pytest

from sigsearch.imaging import read_signature, signature_from_ink
from sigsearch.synthesis import STYLES, Writer, capture, duplicate


@pytest.mark.parametrize("style", STYLES)
def test_mask_and_trajectory_lie_on_the_captured_ink(style: str) -> None:
    for seed in range(4):
        specimen = Writer.from_seed(seed).specimen(0)
        shot = capture(specimen, style, seed)
        assert shot.image.shape[:2] == shot.mask.shape
        drawn = shot.trajectory[shot.trajectory[:, 3] > 0]
        x, y = np.rint(drawn[:, :2]).astype(int).T
        assert shot.mask[y, x].mean() > 0.85
        grey = shot.image if shot.image.ndim == 2 else shot.image.mean(2)
        assert grey[shot.mask].mean() < grey[~shot.mask].mean() - 40


@pytest.mark.parametrize("style", STYLES)
def test_a_capture_is_the_same_for_a_seed_and_another_for_another(style: str) -> None:
    specimen = Writer.from_seed(3).specimen(0)
    first, again, other = (capture(specimen, style, seed).image for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    same = first.shape == other.shape and np.array_equal(first, other)
    assert same == (style == "clean")


def test_a_fax_is_bilevel_at_200_dpi() -> None:
    shot = capture(Writer.from_seed(6).specimen(0), "fax")
    assert set(np.unique(shot.image)) == {0, 255}
    assert shot.dpi == 200


def test_a_scan_is_read_like_the_clean_ink() -> None:
    """The cleaning in `imaging` finds the same box within a few pixels on plain scans."""
    found = 0
    for seed in range(12):
        specimen = Writer.from_seed(seed).specimen(0)
        clean = signature_from_ink(specimen.mask).ink.shape
        scanned = read_signature(capture(specimen, "scan").image).ink.shape
        found += bool(np.allclose(clean, scanned, rtol=0.12))
    assert found >= 6  # the others carry rules, print or a stamp


def test_an_unknown_style_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="no capture style 'photo'; choose one of clean"):
        capture(Writer.from_seed(1).specimen(0), "photo")


def test_a_duplicate_is_akin_to_its_model_but_not_equal() -> None:
    ink = Writer.from_seed(21).specimen(0).mask
    first, again, other = (duplicate(ink, seed) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert first.shape == pytest.approx(np.add(ink.shape, 8), rel=0.25)
    assert (first > 127).sum() == pytest.approx(ink.sum(), rel=0.35)


def test_strength_says_how_far_a_duplicate_strays() -> None:
    model = Writer.from_seed(22).specimen(0).mask

    def strayed(strength: float) -> float:
        canvas = signature_from_ink(model).canvas.astype(float)
        copies = [signature_from_ink(duplicate(model, s, strength) > 127) for s in range(6)]
        return float(np.mean([np.abs(c.canvas - canvas).mean() for c in copies]))

    assert strayed(0.0) < strayed(0.5) < strayed(1.5)
