"""The report: self-contained, complete, and safe with any writer's name."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path

import pytest
from sigsearch.evaluation.report import tables
from sigsearch.evaluation.report.svg import Axis, Line, plot
from sigsearch.evaluation.report.worst import worst_pairs

from sigsearch.evaluation.combining import combine_trivial
from sigsearch.evaluation.figures import Figures, derive
from sigsearch.evaluation.provenance import provenance
from sigsearch.evaluation.score_files import read_scores
from sigsearch.evaluation.session import Run
from sigsearch.evaluation.written import FIGURES, PAGE, document, write_raw, write_report


class Page(HTMLParser):
    """Collects the addresses that a page would fetch, and checks that its tags nest."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_startendtag(tag, attrs)
        if tag not in ("meta", "img"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.fetched += [value or "" for name, value in attrs if name in ("src", "href")]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def figures(run: Run) -> Figures:
    return derive(combine_trivial(run.scores), run.searches)


@pytest.fixture
def written(figures: Figures, run: Run, tmp_path: Path) -> Path:
    write_report(figures, provenance(run, "sigsearch evaluate <DATA> & more"), tmp_path, run)
    return tmp_path


def test_the_page_fetches_nothing_and_is_well_formed(written: Path) -> None:
    text = (written / PAGE).read_text(encoding="utf-8")
    page = Page()
    page.feed(text)
    assert page.open == []
    assert page.fetched
    assert all(address.startswith("data:image/png;base64,") for address in page.fetched)
    assert "<script" not in text
    assert "&lt;DATA&gt; &amp; more" in text


def test_the_page_shows_all_sections(written: Path) -> None:
    text = (written / PAGE).read_text(encoding="utf-8")
    titles = "In short,Skilled forgeries,Random forgeries,Baselines and peers,Searching,Evidence"
    for title in [*titles.split(","), "By script", "The worst comparisons", "Data"]:
        assert f"<h2>{title}" in text
    assert "<svg" in text


def test_the_json_is_strict_and_complete(written: Path, figures: Figures, run: Run) -> None:
    content = json.loads(
        (written / FIGURES).read_text(encoding="utf-8"), parse_constant=pytest.fail
    )
    assert content == json.loads(json.dumps(document(figures, content["about"], run)))
    assert set(content) >= {"about", "datasets", "missing", "verification", "identification"}
    assert content["about"]["versions"]["python"]


def test_worst_pairs_are_the_worst(run: Run) -> None:
    pairs = [p for p in worst_pairs(run) if p.kind == "skilled"]
    table = run.scores
    rows = table.where(
        table.role.equal("test") & table.kind.equal("skilled") & (table.references == 3)
    )
    assert pairs[0].score == pytest.approx(rows.scores["oriented gradients"].max())
    assert len({p.questioned.id for p in pairs}) == len(pairs)
    assert all(not p.questioned.genuine and p.reference.genuine for p in pairs)


def test_a_brief_table_keeps_what_it_must(figures: Figures) -> None:
    whole = tables.verification_table(figures, "skilled")
    short = tables.brief(whole, bare=("FMR",), drop=("best trivial",))
    assert "best trivial" not in short.heads
    assert "[" in short.rows[0][short.heads.index("EER")]
    assert "[" not in short.rows[0][short.heads.index("FMR")]


def test_a_brief_table_tells_where_strangers_are_too_few() -> None:
    whole = tables.TextTable("t", "n", ("set", "DIR"), (("a", "97.1 [90, 99] of 40 (too few)"),))
    assert tables.brief(whole, bare=("DIR",)).rows == (("a", "97.1 of 40 (too few)"),)


def test_raw_scores_lie_beside_the_report(run: Run, tmp_path: Path) -> None:
    write_raw(run, tmp_path / "new" / "folder")
    assert len(read_scores(tmp_path / "new/folder/scores.csv.gz")) == len(run.scores)


def test_a_report_from_scores_alone_has_no_pictures(figures: Figures, tmp_path: Path) -> None:
    write_report(figures, {"command": "x"}, tmp_path)
    assert "<img" not in (tmp_path / PAGE).read_text(encoding="utf-8")


def test_a_plot_keeps_its_lines_inside() -> None:
    x = Axis("x", 0.001, 1.0, (0.001, 1.0), log=True)
    text = plot("t", x, x, [Line("a <b>", [(0.0, 0.0), (5.0, 5.0)])])
    assert "a &lt;b&gt;" in text
    assert 'points="52.0,256.0 360.0,26.0"' in text
