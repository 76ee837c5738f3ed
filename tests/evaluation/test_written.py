"""What an evaluation leaves on disk: strict JSON, and the raw scores beside it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sigsearch.evaluation.combining import combine_trivial
from sigsearch.evaluation.figures import Figures, derive
from sigsearch.evaluation.provenance import provenance
from sigsearch.evaluation.score_files import read_scores
from sigsearch.evaluation.session import Run
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
