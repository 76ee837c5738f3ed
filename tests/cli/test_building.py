"""`index build` and `index add` say what was left out, and fail only where an image was."""

from __future__ import annotations

import json
import shutil
import unicodedata
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from sigsearch.cli.app import app
from sigsearch.encoder import Encoder


@pytest.fixture(autouse=True)
def small(encoder: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Encoder, "load", lambda *_: encoder)


def run(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)


@pytest.fixture
def refs(tmp_path: Path, references: Path) -> Path:
    for writer in ("anna", "bo"):
        shutil.copytree(references / writer, tmp_path / "refs" / writer)
    return tmp_path / "refs"


def listed(index: Path) -> dict[str, int]:
    found = json.loads(run("index", "list", "-i", index, "--json").stdout)
    return {writer["name"]: writer["reference_count"] for writer in found}


def test_what_is_not_an_image_is_said_and_does_not_count(refs: Path, tmp_path: Path) -> None:
    (refs / "anna" / "notes.txt").write_text("x")
    (refs / "anna" / "@eaDir").mkdir()
    done = run("index", "build", refs, "-i", tmp_path / "index")
    assert done.exit_code == 0
    assert "left out: " in done.stderr
    assert "notes.txt: not an image" in done.stderr
    assert "@eaDir" in done.stderr
    assert "forgeries left out: 4" in done.stdout


@pytest.mark.parametrize("spoil", ["empty", "damaged", "link", "other"])
def test_an_image_that_cannot_be_read_fails_at_the_end(
    spoil: str, refs: Path, tmp_path: Path
) -> None:
    bad = refs / "anna" / ("9.heic" if spoil == "other" else "9.png")
    if spoil == "link":
        bad.symlink_to(refs / "nowhere.png")
    else:
        bad.write_bytes(b"" if spoil == "empty" else b"no picture")
    done = run("index", "build", refs, "-i", tmp_path / "index")
    assert done.exit_code == 2
    assert f"refused: {bad}" in done.stderr
    assert listed(tmp_path / "index") == {"anna": 5, "bo": 5}
    report = run("index", "build", refs, "-i", tmp_path / "index", "--json")
    assert report.exit_code == 2
    told = json.loads(report.stdout)
    assert (told["enrolled"], told["known"]) == (0, 10)
    assert [item["source"] for item in told["refused"]] == [str(bad)]


def test_a_row_that_cannot_be_read_fails_with_its_line(refs: Path, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text(
        "path,writer,branch\nrefs/anna/0.png,anna,hue\nrefs/anna/77.png,anna,hue\n"
        "refs/anna/1.png#page=9,anna,hue\n"
    )
    done = run("index", "build", tmp_path / "list.csv", "-i", tmp_path / "index", "--json")
    assert done.exit_code == 2
    told = json.loads(done.stdout)
    assert told["enrolled"] == 1
    assert {item["reason"][:8] for item in told["refused"]} == {"line 3: ", "line 4: "}


def test_many_that_are_left_out_are_counted(refs: Path, tmp_path: Path) -> None:
    for number in range(50):
        (refs / "anna" / f"{number}.txt").write_text("x")
    done = run("index", "build", refs, "-i", tmp_path / "index")
    assert done.stderr.count("not an image") <= 21 + 1  # and once in the summary
    assert "30 more; --json lists all" in done.stderr
    told = json.loads(run("index", "build", refs, "-i", tmp_path / "index", "--json").stdout)
    assert len(told["left_out"]) == 50


def test_add_fails_where_one_image_cannot_be_read(refs: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.png"
    bad.write_text("no picture")
    words = ("index", "add", "anna", refs / "anna" / "0.png", bad, "-i", tmp_path / "index")
    done = run(*words)
    assert done.exit_code == 2
    assert str(bad) in done.stderr
    assert listed(tmp_path / "index") == {"anna": 1}


def test_a_layout_that_takes_over_is_told(refs: Path, tmp_path: Path) -> None:
    (refs / "manifest.csv").write_text("path,writer\nanna/0.png,zoe\n")
    done = run("index", "build", refs, "-i", tmp_path / "index")
    assert done.exit_code == 0
    assert "note: read as " in done.stderr
    assert "--layout folders" in done.stderr
    assert listed(tmp_path / "index") == {"zoe": 1}


def test_years_of_two_writers_ask_which_folder_it_is(refs: Path, tmp_path: Path) -> None:
    from sigsearch.errors import DatasetError

    for writer in ("anna", "bo"):
        (refs / writer).rename(refs / "2024")
        (refs / writer).mkdir()
        (refs / "2024").rename(refs / writer / "2024")
    with pytest.raises(DatasetError, match="--writer-folder outermost"):
        run("index", "build", refs, "-i", tmp_path / "index")
    words = ("index", "build", refs, "-i", tmp_path / "index", "--writer-folder")
    assert run(*words, "outermost").exit_code == 0
    assert listed(tmp_path / "index") == {"anna": 5, "bo": 5}
    assert run(*words, "inner").exit_code == 2


def test_names_are_found_however_they_are_typed(refs: Path, tmp_path: Path) -> None:
    apart = unicodedata.normalize("NFD", "Émile")
    (refs / "anna").rename(refs / apart)
    index = tmp_path / "index"
    run("index", "build", refs, "-i", index)
    assert set(listed(index)) == {"bo", "Émile"}
    image = refs / "bo" / "0.png"
    for name in (apart, "Émile"):
        found = run("verify", image, "--writer", name, "-i", index, "--json")
        assert json.loads(found.stdout)["writer"] == "Émile"
    run("index", "add", apart, image, "-i", index, "--meta", f"who={apart}")
    assert listed(index) == {"bo": 5, "Émile": 6}
    asked = run("query", image, "-i", index, "--where", "who=Émile", "--json")
    assert [one["writer"] for one in json.loads(asked.stdout)["candidates"]] == ["Émile"]
    receipt = tmp_path / "gone.json"
    assert run("index", "erase", apart, "-i", index, "--receipt", receipt).exit_code == 0
    assert run("index", "forget", "bo", "-i", index).exit_code == 0
    assert listed(index) == {}
