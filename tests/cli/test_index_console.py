"""What the console does with an index beyond the four verbs: audit, log, sync, filters."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sigsearch.cli.app import app
from sigsearch.encoder import Encoder
from sigsearch.engine.signature_index import SignatureIndex
from sigsearch.errors import IndexReadOnly
from sigsearch.imaging import signature_from_ink
from sigsearch.index.local.writer_index import WriterIndex
from sigsearch.synthesis import Writer


@pytest.fixture(autouse=True)
def small(encoder: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Encoder, "load", lambda *_: encoder)


def run(*words: object, code: int | None = 0) -> str:
    done = CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)
    assert code is None or done.exit_code == code, done.output
    return done.stdout


@pytest.fixture
def index(tmp_path: Path, references: Path) -> Path:
    """Four specimens each of six writers; half of them are of the branch hanoi."""
    for number, folder in enumerate(sorted(references.iterdir())):
        images = [folder / f"{n}.png" for n in range(4)]
        branch = f"branch={'hanoi' if number % 2 else 'hue'}"
        run("index", "add", folder.name, *images, "-i", tmp_path / "index", "--meta", branch)
    return tmp_path / "index"


def entries(index: Path) -> list[dict]:
    return json.loads(run("index", "log", "-i", index, "--json"))


def test_a_copied_reference_is_found_by_the_audit(index: Path, references: Path, tmp_path: Path):
    before = json.loads(run("index", "audit", "-i", index, "--json", code=None))
    copy = tmp_path / "copy.png"
    shutil.copy(references / "bo" / "2.png", copy)
    run("index", "add", "anna", copy, "-i", index)
    page = tmp_path / "page.html"
    found = json.loads(run("index", "audit", "-i", index, "--report", page, "--json", code=1))
    assert found["reference_count"] == before["reference_count"] + 1 == 25
    added = [one for one in found["findings"] if one not in before["findings"]]
    assert any(str(copy) in (one["source"], one["other"]) for one in added), found["findings"]
    assert "<html" in page.read_text(encoding="utf-8")
    assert "25 references" in run("index", "audit", "-i", index, code=1)


def test_there_is_nothing_to_look_at_in_an_empty_index(tmp_path: Path):
    run("index", "create", "-i", tmp_path / "index")
    page = tmp_path / "page.html"
    words = ("index", "audit", "-i", tmp_path / "index")
    found = json.loads(run(*words, "--report", page, "--json", code=0))
    assert (found["reference_count"], found["findings"]) == (0, [])
    assert "0 references" in run(*words)


def test_the_audit_opens_an_encrypted_index(references: Path, tmp_path: Path):
    pytest.importorskip("cryptography")
    key, index = tmp_path / "my.key", tmp_path / "vault"
    run("index", "new-key", key)
    run("index", "add", "bo", references / "bo" / "0.png", "-i", index, "--key-file", key)
    found = run("index", "audit", "-i", index, "--key-file", key, "--json", code=None)
    assert json.loads(found)["reference_count"] == 1


def test_decisions_are_noted_by_number_and_hash_only(index: Path, references: Path):
    questioned = references / "bo" / "4.png"
    verified = json.loads(
        run("verify", questioned, "-w", "bo", "-i", index, "--log", "--json", code=None)
    )
    asked = json.loads(run("query", questioned, "-i", index, "--log", "--json", code=None))
    run("query", questioned, "-i", index, code=None)  # not asked to note it
    first, second = entries(index)
    assert (first["event"], second["event"]) == ("verify", "identify")
    assert first["facts"]["decision"] == verified["decision"]
    assert first["facts"]["score"] == pytest.approx(verified["score"], abs=1e-4)
    assert second["facts"]["decision"] == asked["decision"]
    assert len(second["writers"]) == len(second["facts"]["scores"]) == len(asked["candidates"])
    assert second["previous"] == first["hash"]
    log = (index / "audit.log").read_text()
    assert "bo" not in log.replace("both", "")
    assert "png" not in log
    assert "head " + second["hash"] in run("index", "log", "-i", index)


def test_a_decision_that_cannot_be_noted_is_not_given(
    index: Path, references: Path, monkeypatch: pytest.MonkeyPatch
):
    def refuse(*_: object) -> None:
        raise IndexReadOnly("the log cannot be written")

    monkeypatch.setattr("sigsearch.index.care.decision_log.DecisionLog.append", refuse)
    words = (references / "bo" / "4.png", "-i", index, "--log")
    with pytest.raises(IndexReadOnly):
        run("verify", *words, "-w", "bo")
    assert "bo" not in run("query", *words, code=2)


def test_a_log_without_an_index_is_refused(references: Path):
    one = references / "bo" / "4.png"
    done = CliRunner().invoke(app, ["verify", str(one), str(one), "--log"])
    assert done.exit_code == 2
    assert "--writer" in done.output


def test_a_filter_leaves_the_others_out(index: Path, references: Path):
    questioned = references / "bo" / "4.png"
    everybody = json.loads(run("query", questioned, "-i", index, "-k", 9, "--json", code=None))
    words = ("query", questioned, "-i", index, "-k", 9, "--where", "branch=hanoi", "--json")
    some = json.loads(run(*words, code=None))
    assert len(everybody["candidates"]) == 6
    assert {one["writer"] for one in some["candidates"]} == {
        folder.name for folder in sorted(references.iterdir())[1::2]
    }


def test_an_import_measures_the_population_of_the_index_it_fills(tmp_path: Path, encoder: Encoder):
    pytest.importorskip("pyarrow")
    paths = [tmp_path / "a", tmp_path / "b"]
    for start, path in zip((0, 8), paths, strict=True):
        with SignatureIndex.create(path, encoder) as made:
            for seed in range(700 + start, 712 + start):
                writer = Writer.from_seed(seed)
                made.enrol(
                    str(seed), [signature_from_ink(writer.specimen(n).mask) for n in range(3)]
                )
    run("index", "export", tmp_path / "out.parquet", "-i", paths[0])
    run("index", "import", tmp_path / "out.parquet", "-i", paths[1])
    run("index", "import", tmp_path / "out.parquet", "-i", tmp_path / "new")
    for path, writers in ((paths[1], 20), (tmp_path / "new", 12)):
        with SignatureIndex.open(path, encoder, read_only=True) as opened:
            assert opened.judge.population.writer_count == writers


def test_the_sync_level_reaches_the_store(
    references: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    levels, create = [], WriterIndex.create.__func__

    def noting(cls: type[WriterIndex], *given: object, **named: object) -> WriterIndex:
        levels.append(named["sync"])
        return create(cls, *given, **named)

    monkeypatch.setattr(WriterIndex, "create", classmethod(noting))
    image = references / "bo" / "0.png"
    run("index", "add", "bo", image, "-i", tmp_path / "index")
    run("index", "add", "bo", image, "-i", tmp_path / "index", "--sync", "lazy")
    assert levels == ["full", "lazy"]
    run("index", "add", "bo", image, "-i", tmp_path / "index", "--sync", "never", code=2)
