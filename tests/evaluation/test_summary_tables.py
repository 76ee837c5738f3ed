"""The tables: what a terminal has room for, and what is special about a row, as data."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sigsearch.evaluation.combining import combine_trivial
from sigsearch.evaluation.figures import Figures, derive
from sigsearch.evaluation.figures.estimate import Estimate
from sigsearch.evaluation.session import Run
from sigsearch.evaluation.summary_tables import (
    headline_table,
    scorer_table,
    terminal_tables,
    verification_table,
)
from sigsearch.evaluation.table_text import NOT_BEATEN, Cell, Column, FigureTable, Row, brief


@pytest.fixture(scope="module")
def figures(run: Run) -> Figures:
    return derive(combine_trivial(run.scores), run.searches)


def test_a_brief_table_keeps_what_it_must(figures: Figures) -> None:
    short = brief(verification_table(figures, "skilled"))
    assert "best trivial" in short.heads
    assert "EER per writer" not in short.heads
    assert "[" in short.rows[0][short.heads.index("EER")]
    assert "[" not in short.rows[0][short.heads.index("FMR")]


def test_a_brief_table_tells_where_strangers_are_too_few() -> None:
    cells = Row.of("a", Cell("97.1", "[90, 99]", after="of 40 (too few)"))
    whole = FigureTable("t", "n", (Column("set"), Column("DIR", "bare")), (cells,))
    assert brief(whole).rows == (("a", "97.1 of 40 (too few)"),)


def test_the_terminal_has_a_table_for_each_question(figures: Figures) -> None:
    titles = [table.title for table in terminal_tables(figures)]
    assert len(titles) == 5
    assert titles[-1] == "In short, %"
    for table in terminal_tables(figures):
        assert all(len(row) == len(table.heads) for row in table.rows)


def with_eer(figures: Figures, value: float) -> Figures:
    """The same with another EER of the evaluated scorer."""
    lines = (
        replace(v, eer=Estimate(value)) if v.scorer == figures.scorer else v
        for v in figures.verification
    )
    return replace(figures, verification=tuple(lines))


def test_a_row_knows_whether_a_baseline_does_as_well(figures: Figures) -> None:
    for table in (headline_table, lambda f: verification_table(f, "skilled")):
        assert {row.kind for row in table(with_eer(figures, 1.0)).rows} == {"not_beaten"}
        assert NOT_BEATEN in str(table(with_eer(figures, 1.0)).rows[0])
        assert {row.kind for row in table(with_eer(figures, 0.0)).rows} == {"plain"}
        assert NOT_BEATEN not in str(table(with_eer(figures, 0.0)).rows)


def test_a_mean_is_known_by_its_sets_whatever_it_is_called(figures: Figures) -> None:
    best = with_eer(figures, 0.0)
    named = [replace(v, slice="mean of nothing") for v in best.verification]
    plain = verification_table(replace(best, verification=tuple(named)), "skilled")
    assert {row.kind for row in plain.rows} == {"plain"}
    means = [replace(v, sets=2) for v in best.verification]
    mean = verification_table(replace(best, verification=tuple(means)), "skilled")
    assert {row.kind for row in mean.rows} == {"mean"}


def test_a_trivial_property_is_called_one(figures: Figures) -> None:
    names = [row.cells[0].figure for row in scorer_table(figures, "skilled").rows]
    assert "stroke width (trivial)" in names
    assert "trivial combined" in names
