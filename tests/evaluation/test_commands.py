"""`sigsearch evaluate` and `sigsearch metrics`, as a user runs them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from as_a_user import sigsearch

HOG = "sigsearch.evaluation.scorers.peers.hog:Hog"


def test_evaluate_then_metrics(references: Path, tmp_path: Path, monkeypatch, capsys) -> None:
    report = tmp_path / "report"
    options = ["--references", "1,3", "--draws", "2", "--encoder", HOG, "-o", report, "--json"]
    assert sigsearch(monkeypatch, "evaluate", references, *options) == 0
    whole = json.loads(capsys.readouterr().out)
    assert {v["reference_count"] for v in whole["verification"]} == {1, 3}
    assert whole["about"]["command"].startswith("sigsearch evaluate ")
    names = {path.name for path in report.iterdir()}
    assert names == {"scores.csv.gz", "searches.csv.gz", "references.csv.gz",
                     "figures.json", "report.html"}  # fmt: skip
    searches = ["--searches", report / "searches.csv.gz"]
    assert sigsearch(monkeypatch, "metrics", report / "scores.csv.gz", *searches, "--json") == 0
    again = json.loads(capsys.readouterr().out)
    assert again["verification"] == whole["verification"]
    assert again["identification"] == whole["identification"]


def test_people_get_tables_and_notes(references: Path, monkeypatch, capsys) -> None:
    options = ["--references", "1", "--draws", "1", "--encoder", "hog"]
    assert sigsearch(monkeypatch, "evaluate", references, *options) == 0
    shown = capsys.readouterr()
    assert "Verification against skilled forgeries" in shown.out
    assert "best trivial" in shown.out
    assert "in no protocol" in shown.err
    assert "6 writers, 30 genuine, 12 forgeries" in shown.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["evaluate", "nowhere"], "no such file or folder"),
        (["evaluate", ".", "--references", "one"], "give numbers of at least 1"),
        (["evaluate", ".", "--encoder", "best"], "no encoder or peer"),
        (["evaluate", ".", "--encoder", "hog", "--protocol", "mine"], "no "),
        (["metrics", "nowhere.csv"], "no such file of scores"),
    ],
)
def test_errors_are_one_line_and_exit_code_2(
    arguments: list[str], message: str, tmp_path: Path, monkeypatch, capsys
) -> None:
    monkeypatch.chdir(tmp_path)
    assert sigsearch(monkeypatch, *arguments) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert message in shown.err
    assert len(shown.err.strip().splitlines()) == 1
