"""What all pages have in common."""

from __future__ import annotations

from html_checks import HOSTILE

from sigsearch.report.page import Picture, environment, with_units


def made(macro: str, *values: object) -> str:
    macros = environment().get_template("macros.html").module
    return str(getattr(macros, macro)(*values))


def test_numbers_are_set_right_and_their_heading_too() -> None:
    text = made("table", ("name", "number"), [("anna", 3), (HOSTILE, 2.5)])
    assert '<th scope="col">name</th>' in text
    assert '<th scope="col" class="number">number</th>' in text
    assert '<td class="number">3</td>' in text
    assert '<td class="number">2.50</td>' in text
    assert HOSTILE not in text


def test_the_place_of_a_picture_that_is_gone_is_kept() -> None:
    assert "image not at hand" in made("figure", Picture("anna"))
    assert "<img" not in made("figure", Picture("anna"))
    assert 'alt="anna"' in made("figure", Picture("anna", "data:image/png;base64,AA=="))


def test_a_number_stays_with_its_unit() -> None:
    assert with_units("5 % of 3 sets in 2.5 s") == "5\u00a0% of 3 sets in 2.5\u00a0s"


def test_templates_are_all_escaped() -> None:
    names = environment().list_templates()
    assert {"base.html", "evidence.html", "audit.html", "evaluation.html"} <= set(names)
    assert environment().autoescape is True
