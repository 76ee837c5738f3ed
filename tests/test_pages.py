"""The user's pages: figures from the model card, links that lead somewhere, words within bounds."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from user_pages import LINK, RAW, ROOT

from sigsearch import __version__
from sigsearch.encoder import shipped_folder
from sigsearch.encoder.card import ModelCard

sys.path.insert(0, str(ROOT / "scripts"))
import write_errors
import write_figures

PAGES = [*write_figures.pages(ROOT), ROOT / "CONTRIBUTING.md"]
MOST_WORDS = 9_000
GENERATED = {"cli.md", "errors.md", "benchmarks.md"}
FOR_DEVELOPERS = {"CONTRIBUTING.md", "decisions.md"}
IDS = [path.name for path in PAGES]


@pytest.fixture(scope="module")
def card() -> ModelCard:
    return ModelCard.load(shipped_folder())


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_figures_are_those_of_the_model_card(page: Path, card: ModelCard):
    text = page.read_text(encoding="utf-8")
    assert len(write_figures.BLOCK.findall(text)) == text.count("<!-- figures:")
    assert write_figures.filled(text, card) == text, "run `make docs`"


def test_a_figure_that_was_typed_is_found(card: ModelCard):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    head = text.index("<!-- figures: skilled -->")
    typed = text[:head] + re.sub(r"\d+\.\d \[", "0.1 [", text[head:], count=1)
    assert typed != text
    assert write_figures.filled(typed, card) == text


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_no_figure_is_typed(page: Path):
    """Outside the blocks no error rate, time or size that somebody must have measured."""
    if page.name in ("cli.md", "benchmarks.md"):  # these are generated
        return
    text = write_figures.BLOCK.sub("", page.read_text(encoding="utf-8"))
    measured = r"\d+\.\d+ ?%|\b\d[\d.,]* ?(?:ms|kB|KB|MB|GB|KiB|MiB|GiB)\b|EER of \d"
    assert not re.findall(measured, text)


def test_another_encoder_has_other_figures(card: ModelCard):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    figures = json.loads(json.dumps(card.figures))
    figures["encoder"] = "another-1"
    figures["verification"][0]["eer"]["value"] = 0.4321
    new = write_figures.filled(text, replace(card, figures=figures))
    assert "another-1" in new
    assert "|CEDAR|43.2 [" in new


def test_the_picture_of_an_answer_is_by_the_encoder_that_ships(card: ModelCard):
    with Image.open(ROOT / "docs" / "pictures" / "answer.png") as picture:
        assert picture.info["encoder"] == card.id, "run `make docs`"


def test_the_page_of_errors_is_up_to_date(tmp_path: Path):
    page = tmp_path / "errors.md"
    script = ROOT / "scripts" / "write_errors.py"
    subprocess.run([sys.executable, script, page], check=True)
    assert page.read_text(encoding="utf-8") == (ROOT / "docs" / "errors.md").read_text(
        encoding="utf-8"
    ), "run `make docs`"


def test_codes_of_errors_are_unique():
    codes = [kind.code for kind in write_errors.kinds()]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_links_lead_somewhere(page: Path):
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        place = page.parent / target.split("#")[0]
        for start in (LINK, RAW):
            if target.startswith(start):
                place = ROOT / target.removeprefix(start)
        if place.is_absolute() and "://" not in target.removeprefix(LINK).removeprefix(RAW):
            assert place.exists(), target
        assert "research" not in target, "research logs are not documentation"


def test_the_readme_has_no_relative_link():
    """A package index shows the README without the repository around it."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert all(t.startswith("https://") for t in re.findall(r"\]\(([^)\s]+)\)", text))
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert LINK.removesuffix("/blob/main/") in project


def test_the_version_has_one_source_and_a_place_in_the_changelog():
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert 'dynamic = ["version"]' in project
    assert not re.search(r"^version = ", project, re.M)
    assert f"\n## {__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_there_is_not_too_much_to_read():
    """Words that hold a letter or a digit; generated pages aside, and what is for those who change
    the code."""
    words = {
        page.name: len(re.findall(r"\S*\w\S*", page.read_text(encoding="utf-8")))
        for page in PAGES
        if page.name not in GENERATED | FOR_DEVELOPERS
    }
    assert sum(words.values()) <= MOST_WORDS, words
