"""A writer's references managed on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sigsearch import SignatureIndex
from sigsearch.cli import main
from sigsearch.encoder import Encoder


@pytest.fixture
def index(tmp_path: Path, references: Path, encoder: Encoder, monkeypatch) -> Path:
    monkeypatch.setattr(Encoder, "load", lambda *_: encoder)
    with SignatureIndex.create(tmp_path / "index", encoder) as opened:
        opened.enrol("chidi", [references / "chidi" / f"{n}.png" for n in range(3)])
    return tmp_path / "index"


def run(capfd: pytest.CaptureFixture[str], *words: object, code: int = 0) -> str:
    try:
        main(["index", *map(str, words)])
        found = 0
    except SystemExit as stopped:
        found = int(stopped.code or 0)
    told = capfd.readouterr()
    assert found == code, told
    return told.out if not told.err else told.out + told.err


def test_from_the_list_to_a_writer_put_right(index: Path, references: Path, capfd) -> None:
    at = ("-i", index)
    listed = json.loads(run(capfd, "references", "chidi", *at, "--json"))
    assert [one["number"] for one in listed] == [1, 2, 3]
    assert listed[2]["content_hash"][:12] in run(capfd, "references", "chidi", *at)
    run(capfd, "move", "chidi", 1, "dara", *at, "--log", "--by", "clerk 7")
    run(capfd, "remove", "chidi", listed[1]["content_hash"][:10], *at, "--log")
    run(capfd, "replace", "chidi", 1, references / "chidi" / "3.png", *at)
    assert "Chidi B. (1 reference)" in run(capfd, "rename", "chidi", "Chidi B.", *at)
    (left,) = json.loads(run(capfd, "references", "Chidi B.", *at, "--json"))
    assert left["source"].endswith("chidi/3.png")
    assert "reference_unknown" in run(capfd, "remove", "dara", 2, *at, "--json", code=2)
    shared = run(capfd, "add", "eve", references / "chidi" / "3.png", *at)
    assert "'Chidi B.'" in shared
    entries = json.loads(run(capfd, "log", *at, "--json"))
    assert [entry["event"] for entry in entries] == ["move", "enrol", "remove"]
    assert entries[0]["facts"]["by"] == "clerk 7"
    assert entries[0]["names"][0] == "Chidi B."
    assert run(capfd, "forget", "dara", *at, "--log")
    last = json.loads(run(capfd, "log", *at, "--json"))
    assert (last[1]["writers"], last[1]["names"]) == ([2], [None])


def test_what_the_audit_advises_can_be_pasted(
    index: Path, references: Path, encoder: Encoder, capfd
) -> None:
    import shlex

    with SignatureIndex.open(index, encoder) as opened:
        opened.enrol("it's dara", [references / "dara" / f"{n}.png" for n in range(3)])
        opened.enrol("it's dara", references / "chidi" / "0.png")
    found = json.loads(run(capfd, "audit", "-i", index, "--json", code=1))
    commands = [
        f["command"] for f in found["findings"] if f["kind"] in ("same_file", "mislabelled")
    ]
    assert commands
    words = next(
        shlex.split(command) for command in commands if "it's dara" in shlex.split(command)
    )
    assert words[:2] == ["sigsearch", "index"]
    before = found["reference_count"]
    run(capfd, *words[2:])
    after = json.loads(run(capfd, "info", "-i", index, "--json"))["reference_count"]
    assert after == before - 1
