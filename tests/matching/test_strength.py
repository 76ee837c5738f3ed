"""The verbal scale beside the number."""

from __future__ import annotations

from math import log10, nan

import pytest

from sigsearch.errors import CalibrationError
from sigsearch.matching.strength import check_strength, ratio, side_of, statement, support_of

SCALE = [
    (1.0, "no support"), (1.99, "no support"), (2, "weak support"), (9.9, "weak support"),
    (10, "moderate support"), (100, "moderately strong support"), (1_000, "strong support"),
    (10_000, "very strong support"), (1_000_001, "extremely strong support"),
]  # fmt: skip


@pytest.mark.parametrize(("size", "word"), SCALE)
def test_a_ratio_has_the_word_of_the_guideline_on_either_side(size, word):
    assert support_of(log10(size)) == support_of(-log10(size)) == word
    sides = ("neither", "neither") if word == "no support" else ("writer", "other")
    assert (side_of(log10(size)), side_of(-log10(size))) == sides


def test_ratios_are_read_either_way():
    told = [ratio(llr) for llr in (0.0, log10(1.26), log10(28), 3.25, -log10(28))]
    assert told == ["1.0", "1.3", "28", "1,778", "1/28"]


def test_the_statement_names_side_alternative_and_population():
    assert statement(1.2, "skilled", "our clients") == (
        "The findings give moderate support to the writer's own signature rather than an "
        "imitation, as measured on our clients."
    )
    assert "to somebody else's own signature rather than" in statement(-1.2, "random", "them")
    assert "support neither the writer's own signature nor" in statement(0.1, "both", "them")


@pytest.mark.parametrize("wrong", [0.5, 0, -2, nan, float("inf")])
def test_what_is_no_strength_is_refused(wrong):
    with pytest.raises(CalibrationError, match="1 or more"):
        check_strength(wrong)
