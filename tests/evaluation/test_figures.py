"""Figures from scores: by hand where a hand can, and the same from the stored file."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from sigsearch.errors import DatasetError
from sigsearch.evaluation.combining import combine_trivial
from sigsearch.evaluation.figures import Estimate, Figures, derive
from sigsearch.evaluation.figures.thresholds import fixed_threshold
from sigsearch.evaluation.score_files import (
    read_scores,
    read_searches,
    write_drawn,
    write_scores,
    write_searches,
)
from sigsearch.evaluation.scorers.trivial import COMBINED
from sigsearch.evaluation.session import Run
from sigsearch.metrics import eer


def scores_csv(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "scores.csv"
    path.write_text(text)
    return path


def test_figures_of_a_run(run: Run) -> None:
    figures = derive(combine_trivial(run.scores), run.searches)
    test = run.scores.where(run.scores.role.equal("test"))
    lines = figures.of("oriented gradients", "skilled")
    assert [v.reference_count for v in lines] == [1, 3]
    for line in lines:
        rows = test.where(test.references == line.reference_count)
        values = rows.scores["oriented gradients"]
        own, others = values[rows.kind.equal("genuine")], values[rows.kind.equal("skilled")]
        assert line.eer.value == pytest.approx(eer(own, others))
        assert line.eer.low <= line.eer.value <= line.eer.high
        assert (line.writer_count, line.mated, line.non_mated) == (4, len(own), len(others))
        assert line.fnmr.value == pytest.approx(np.mean(own < line.threshold))
        assert line.eer_draws[0] <= line.eer_draws[1]
    assert {i.writer_count for i in figures.identification} == {4}
    assert {v.slice for v in figures.by_script} == {"even", "odd"}
    best = figures.best_trivial(lines[0])
    assert best is not None
    trivial = [v for v in figures.verification if v.scorer == best.name and v.reference_count == 1]
    assert best.eer in [v.eer.value for v in trivial]


def test_the_threshold_is_fixed_without_test_scores(run: Run) -> None:
    """Whatever the test scores are, the threshold stays."""
    scores = dict(run.scores.scores)
    spoilt = scores["oriented gradients"] + run.scores.role.equal("test") * 7.0
    before = derive(run.scores)
    after = derive(run.scores.with_scores("oriented gradients", spoilt))
    for one, other in zip(before.verification, after.verification, strict=True):
        assert one.threshold == other.threshold
    assert all(v.fnmr.value == 0 for v in after.of("oriented gradients", "skilled"))


def test_the_stored_scores_give_the_same_figures(run: Run, tmp_path: Path) -> None:
    table = combine_trivial(run.scores)
    assert run.searches is not None
    write_scores(table, tmp_path / "s.csv.gz")
    write_searches(run.searches, tmp_path / "n.csv.gz")
    again = derive(read_scores(tmp_path / "s.csv.gz"), read_searches(tmp_path / "n.csv.gz"))
    assert again.to_dict() == derive(table, run.searches).to_dict()


def test_the_same_run_writes_the_same_bytes(run: Run, tmp_path: Path) -> None:
    for name in ("a.csv.gz", "b.csv.gz"):
        write_scores(run.scores, tmp_path / name)
    assert (tmp_path / "a.csv.gz").read_bytes() == (tmp_path / "b.csv.gz").read_bytes()


def test_parquet_holds_the_same(run: Run, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    write_scores(run.scores, tmp_path / "s.parquet")
    write_scores(run.scores, tmp_path / "s.csv")
    assert (
        derive(read_scores(tmp_path / "s.parquet")).to_dict()
        == derive(read_scores(tmp_path / "s.csv")).to_dict()
    )


def test_drawn_references_are_listed(run: Run, tmp_path: Path) -> None:
    write_drawn(run.drawn, tmp_path / "r.csv")
    lines = (tmp_path / "r.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "dataset,role,draw,writer,position,reference"
    assert len(lines) == 1 + len(run.drawn)


def test_anyone_s_scores_need_two_columns(tmp_path: Path) -> None:
    path = scores_csv(tmp_path, "kind,score\ngenuine,3\ngenuine,4\nskilled,1\nskilled,3.5\n")
    figures = derive(read_scores(path))
    line = figures.of("score", "skilled")[0]
    assert line.eer.value == pytest.approx(0.5)
    assert math.isnan(line.eer.low)  # no writers, no interval
    assert math.isnan(line.fnmr.value)  # no validation rows, no threshold
    assert figures.calibration == ()
    assert figures.of("score", "random")[0].eer.missing
    assert figures.to_dict()["verification"][1]["eer"]["value"] is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("label,score\ng,1\n", "no column kind; .* this file has label, score"),
        ("", "has no columns"),
        ("kind,score\n", "no scores in it"),
        ("kind,score\nforged,1\n", "kind 'forged'; it must be one of genuine, skilled, random"),
        ("kind,score\ngenuine,high\n", "column score: could not convert"),
        ("kind,score\ngenuine,1,2\n", "row 2 has 3 cells, not 2"),
    ],
)
def test_other_files_are_refused_with_the_reason(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=message):
        read_scores(scores_csv(tmp_path, text))
    with pytest.raises(DatasetError, match="no such file"):
        read_scores(tmp_path / "nowhere.csv")


def test_searches_are_not_scores(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="not a file of searches"):
        read_searches(scores_csv(tmp_path, "kind,score\ngenuine,1\n"))


def test_each_dataset_weighs_the_same_in_the_fixed_threshold(tmp_path: Path) -> None:
    """A large dataset does not decide the threshold by its size."""
    small = "a,validation,genuine,2\na,validation,skilled,1\n"
    large = "b,validation,genuine,12\nb,validation,skilled,11\n"
    head = "dataset,role,kind,score\n"
    once = fixed_threshold(
        read_scores(scores_csv(tmp_path, head + small + large)), "score", "skilled"
    )
    many = fixed_threshold(
        read_scores(scores_csv(tmp_path, head + small + large * 50)), "score", "skilled"
    )
    assert once == many


def test_references_drawn_anew_support_no_smaller_rate(tmp_path: Path) -> None:
    """Neither an FMR nor stronger likelihood ratios: the same signatures err or do not."""
    head = "role,writer,questioned,draw,kind,score\n"

    def figures(draws: int, signatures: int) -> Figures:
        rows = [
            f"{role},anna,{kind}{n},{draw},{kind},{score + n % 7 / 7}\n"
            for role in ("validation", "test")
            for draw in range(draws)
            for n in range(signatures)
            for kind, score in (("genuine", 0.8), ("skilled", 0.0))
        ]
        return derive(read_scores(scores_csv(tmp_path, head + "".join(rows))))

    once, often, more = figures(1, 60), figures(10, 60), figures(1, 600)
    lines = [f.of("score", "skilled")[0].fnmr_at_fmr[0.01] for f in (once, often, more)]
    assert [line is None for line in lines] == [True, True, False]
    bounds = [f.calibration[0].bounds for f in (once, often, more)]
    assert bounds[1] == pytest.approx(bounds[0], abs=0.011)
    assert bounds[2][1] > bounds[1][1] + 0.1


def test_a_rate_without_errors_is_still_uncertain() -> None:
    none = Estimate.of(0.0, [0.0, 0.0], trials=60)
    assert (none.low, none.high) == (0.0, 0.05)
    all_found = Estimate.of(1.0, [1.0, 1.0], trials=60)
    assert (all_found.low, all_found.high) == (0.95, 1.0)
    assert Estimate.of(0.2, [0.2, 0.2], trials=60).high == 0.2


def test_the_combined_baseline_is_as_good_as_the_best_single_one(tmp_path: Path) -> None:
    """One property tells, four are noise: the fit on validation rows must find it."""
    random = np.random.default_rng(0)
    names = ("paper grey", "stroke width", "file height", "box size", "ink density")
    lines = ["role,kind,writer,score," + ",".join(f"score[{n}]" for n in names)]
    for role in ("validation", "test"):
        for row in range(200):
            kind = "genuine" if row % 2 else "skilled"
            values = random.normal(size=6)
            values[3] += 3 * (kind == "genuine")
            lines.append(f"{role},{kind},{row % 10}," + ",".join(f"{v:.4f}" for v in values))
    table = combine_trivial(read_scores(scores_csv(tmp_path, "\n".join(lines))))
    rates = {v.scorer: v.eer.value for v in derive(table).verification if v.against == "skilled"}
    assert rates[COMBINED] <= rates["file height"] + 0.02
    assert rates["paper grey"] > 0.3


def test_a_figure_that_does_not_beat_a_trivial_one_is_marked(tmp_path: Path) -> None:
    rows = "genuine,1,9\nskilled,0,1\n" * 5 + "genuine,0,9\nskilled,1,1\n"
    path = scores_csv(tmp_path, "kind,score,score[paper grey]\n" + rows)
    figures = derive(read_scores(path))
    best = figures.best_trivial(figures.of("score", "skilled")[0])
    assert best is not None
    assert (best.name, best.beaten) == ("paper grey", False)
