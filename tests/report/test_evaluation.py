"""The evaluation as a page: self-contained, complete, and safe with any writer's name."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from html_checks import HOSTILE, check_escaped, check_page

from sigsearch.datasets import Dataset, read_dataset
from sigsearch.evaluation.combining import combine_trivial
from sigsearch.evaluation.figures import Figures, derive
from sigsearch.evaluation.provenance import provenance
from sigsearch.evaluation.score_table import Labels, ScoreTable, SearchTable
from sigsearch.evaluation.scorers import trivial_scorers
from sigsearch.evaluation.scorers.peers.hog import Hog
from sigsearch.evaluation.session import Run, evaluate
from sigsearch.evaluation.written import FIGURES
from sigsearch.report.evaluation import PAGE, evaluation_page, write_report
from sigsearch.trials.drawing import TrialPlan


@pytest.fixture(scope="module")
def dataset(references: Path) -> Dataset:
    """Two validation writers, four test writers, of two scripts and groups."""
    whole = read_dataset(references)
    return replace(
        whole,
        samples=tuple(
            replace(
                sample,
                split="validation" if sample.writer in whole.writers[:2] else "test",
                script="odd" if sample.writer in whole.writers[::2] else "even",
                group="paper",
            )
            for sample in whole.samples
        ),
    )


@pytest.fixture(scope="module")
def run(dataset: Dataset) -> Run:
    plan = TrialPlan(references=(1, 2), draws=2, others=3, probes=2)
    return evaluate([dataset], [Hog(), *trivial_scorers()], plan=plan)


@pytest.fixture(scope="module")
def figures(run: Run) -> Figures:
    return derive(combine_trivial(run.scores), run.searches)


@pytest.fixture
def written(figures: Figures, run: Run, tmp_path: Path) -> Path:
    write_report(figures, provenance(run, "sigsearch evaluate <DATA> & more"), tmp_path, run)
    return tmp_path


def test_the_page_fetches_nothing_and_is_well_formed(written: Path) -> None:
    text = (written / PAGE).read_text(encoding="utf-8")
    assert check_page(text).fetched
    assert "&lt;DATA&gt; &amp; more" in text


def test_the_page_shows_all_sections(written: Path) -> None:
    text = (written / PAGE).read_text(encoding="utf-8")
    titles = "In short,Skilled forgeries,Random forgeries,Baselines and peers,Searching,Evidence"
    for title in [*titles.split(","), "By script", "The worst comparisons", "Data"]:
        assert f"<h2>{title}" in text
    assert "<svg" in text


def test_the_figures_lie_beside_the_page(written: Path, figures: Figures) -> None:
    assert json.loads((written / FIGURES).read_text(encoding="utf-8"))["scorer"] == figures.scorer


def test_a_report_from_scores_alone_has_no_pictures(figures: Figures, tmp_path: Path) -> None:
    write_report(figures, {"command": "x"}, tmp_path)
    text = (tmp_path / PAGE).read_text(encoding="utf-8")
    assert "<img" not in text
    for title in ("The worst comparisons", "Data"):
        assert f"<h2>{title}" not in text


def test_a_scan_that_is_gone_leaves_its_place(figures: Figures, run: Run) -> None:
    text = evaluation_page(figures, {}, moved(run))
    assert check_page(text).fetched == []
    assert "image not at hand" in text


def test_rows_are_marked_by_what_they_are(figures: Figures) -> None:
    means = tuple(replace(v, sets=2) for v in figures.verification)
    assert '<tr class="mean">' in evaluation_page(replace(figures, verification=means), {})


def test_names_and_paths_are_text_on_the_page(run: Run) -> None:
    def page(name: str) -> str:
        told = renamed(run, name)
        figures = derive(combine_trivial(told.scores), told.searches)
        return evaluation_page(figures, {name: name, "versions": {name: name}}, told)

    check_escaped(page("anna"), page(HOSTILE))


def moved(run: Run) -> Run:
    def gone(dataset: Dataset) -> Dataset:
        samples = (replace(s, path=s.path.with_suffix(".gone")) for s in dataset.samples)
        return replace(dataset, samples=tuple(samples))

    return replace(run, used=tuple((role, gone(dataset)) for role, dataset in run.used))


def renamed(run: Run, name: str) -> Run:
    """The same run of data where everything that others may name begins with `name`."""

    def dataset(old: Dataset) -> Dataset:
        samples = (
            replace(s, id=name + s.id, writer=name + s.writer, hand=name + s.hand)
            for s in old.samples
        )
        left_out = tuple(replace(one, reason=name) for one in old.left_out)
        return replace(old, name=name + old.name, samples=tuple(samples), left_out=left_out)

    assert run.searches is not None
    columns = ("dataset", "writer", "hand", "questioned")
    scores = labelled(run.scores, (*columns, "group", "script"), name)
    first, *others = run.scores.scores.items()
    searches = labelled(run.searches, (*columns, "scorer"), name)
    return replace(
        run,
        scorers=(name + run.scorers[0], *run.scorers[1:]),
        scores=replace(scores, scores={name + first[0]: first[1], **dict(others)}),
        searches=searches,
        used=tuple((role, dataset(old)) for role, old in run.used),
        drawn=tuple(
            replace(d, dataset=name + d.dataset, writer=name + d.writer,
                    reference=name + d.reference)
            for d in run.drawn
        ),
        notes=(*run.notes, name),
    )  # fmt: skip


def labelled(
    table: ScoreTable | SearchTable, columns: tuple[str, ...], name: str
) -> ScoreTable | SearchTable:
    new = {}
    for column in columns:
        old: Labels = getattr(table, column)
        new[column] = Labels(old.codes, tuple(name + label for label in old.names))
    return replace(table, **new)
