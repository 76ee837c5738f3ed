"""The plan files and what is laid out from them."""

from __future__ import annotations

import numpy as np
import pytest

from sigsearch.synthesis import SCRIPTS
from sigsearch.synthesis.glyphs import alphabet, parse_glyph
from sigsearch.synthesis.hand import draw_hand
from sigsearch.synthesis.layouts import draw_design, lay_out


def test_a_line_of_a_plan_file_is_read() -> None:
    glyph = parse_glyph("i 0,1 3,10! 6.5,2 ~ | 3.8,15 4.4,15")
    assert glyph.joins
    assert glyph.main == 3
    assert glyph.corner.tolist() == [False, True, False, False, False]
    assert glyph.lift.tolist() == [True, False, False, True, False]
    assert glyph.points[2].tolist() == [6.5, 2.0]


@pytest.mark.parametrize("script", ["latin", "devanagari", "bengali", "cjk", "arabic"])
def test_every_letter_can_be_written(script: str) -> None:
    for name, forms in alphabet(script).items():
        for glyph in forms:
            assert len(glyph.points) >= 2, name
            assert np.abs(glyph.points).max() <= 30, name


def test_the_latin_alphabet_is_complete() -> None:
    assert set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.") <= set(alphabet("latin"))


@pytest.mark.parametrize("script", SCRIPTS)
def test_two_hands_over_one_design_match_target_by_target(script: str) -> None:
    for seed in range(8):
        rng = np.random.default_rng(seed)
        design = draw_design(seed, rng, script)
        first, second = (lay_out(design, draw_hand(h, rng, script)) for h in (1, 2))
        assert np.array_equal(first.lift, second.lift)
        assert np.array_equal(first.corner, second.corner)
        assert np.array_equal(first.letter, second.letter)
        assert not np.allclose(first.points, second.points)


def test_an_unknown_script_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="no script 'runic'; choose one of latin"):
        draw_design(1, np.random.default_rng(1), "runic")
