"""What an evaluation leaves on disk: strict JSON, and the raw scores beside it."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from sigsearch.evaluation.combining import combine_trivial
from sigsearch.evaluation.figures import Figures, derive
from sigsearch.evaluation.provenance import provenance
from sigsearch.evaluation.score_files import read_scores, write_drawn, write_scores
from sigsearch.evaluation.session import Drawn, Run
from sigsearch.evaluation.written import FIGURES, document, write_figures, write_raw


@pytest.fixture(scope="module")
def figures(run: Run) -> Figures:
    return derive(combine_trivial(run.scores), run.searches)


def test_the_json_is_strict_and_complete(figures: Figures, run: Run, tmp_path: Path) -> None:
    write_figures(figures, provenance(run, "sigsearch evaluate DATA"), tmp_path, run)
    content = json.loads(
        (tmp_path / FIGURES).read_text(encoding="utf-8"), parse_constant=pytest.fail
    )
    assert content == json.loads(json.dumps(document(figures, content["about"], run)))
    assert set(content) >= {"about", "datasets", "missing", "verification", "identification"}
    assert content["about"]["versions"]["python"]


def test_raw_scores_lie_beside_the_figures(run: Run, tmp_path: Path) -> None:
    write_raw(run, tmp_path / "new" / "folder")
    assert len(read_scores(tmp_path / "new/folder/scores.csv.gz")) == len(run.scores)


def test_a_writer_s_name_is_no_formula_to_a_spreadsheet(tmp_path: Path) -> None:
    names = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "'=x", "'x", "o'neill", "plain"]
    written = tmp_path / "scores.csv"
    rows = [f'genuine,1.5,"{name}"' for name in names]
    written.write_text("kind,score,writer\n" + "\n".join(rows) + "\n", encoding="utf-8")
    table = read_scores(written)
    assert [table.writer.names[code] for code in table.writer.codes] == [
        name if name != "'=x" else "=x" for name in names
    ]
    again = tmp_path / "again.csv"
    write_scores(table, again)
    with again.open(encoding="utf-8", newline="") as file:
        cells = [row["writer"] for row in csv.DictReader(file)]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t"))]
    assert read_scores(again).writer.names == table.writer.names


def test_sources_of_drawn_references_are_no_formulas_either(tmp_path: Path) -> None:
    one = Drawn("=a", "test", 0, "@b", 1, "-c.png")
    write_drawn([one], tmp_path / "drawn.csv")
    assert (tmp_path / "drawn.csv").read_text().splitlines()[1] == "'=a,test,0,'@b,1,'-c.png"
