"""Many questions are answered by processes of their own, and come out as they would one by one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sigsearch import SignatureIndex
from sigsearch.cli import apart, main
from sigsearch.encoder import Encoder
from sigsearch.imaging import ahead

KEY = bytes(range(32))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, references: Path) -> Path:
    """An encrypted index of the shipped encoder, and its key."""
    home = tmp_path_factory.mktemp("apart")
    with SignatureIndex.create(home / "index", Encoder.load(), key=KEY) as opened:
        for name in ("chidi", "dara"):
            opened.enrol(name, [references / name / f"{n}.png" for n in range(3)])
    (home / "key").write_text(KEY.hex())
    (home / "key").chmod(0o600)
    return home


@pytest.fixture(autouse=True)
def two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ahead, "cores", lambda: 2)


def told(capfd: pytest.CaptureFixture[str], *words: object) -> tuple[int, list[dict]]:
    with pytest.raises(SystemExit) as stopped:
        main([*map(str, words), "--json"])
    out, _ = capfd.readouterr()
    return int(stopped.value.code or 0), [json.loads(line) for line in out.splitlines()]


def both_ways(monkeypatch: pytest.MonkeyPatch, capfd, *words: object) -> tuple[int, list[dict]]:
    """The answers by processes, which are those that are given without."""
    here = told(capfd, *words)
    monkeypatch.setattr(apart, "MANY", 1)
    opened: list[object] = []
    opening_of = apart.opening_of

    def noted(*given: object) -> object:
        opened.append(opening_of(*given))
        return opened[-1]

    for place in ("sigsearch.cli.query", "sigsearch.cli.apart"):
        monkeypatch.setattr(f"{place}.opening_of", noted)
    assert told(capfd, *words) == here
    assert opened[-1] is not None
    return here


def test_questions(home: Path, references: Path, monkeypatch: pytest.MonkeyPatch, capfd):
    images = [references / name / f"{n}.png" for name in ("chidi", "dara") for n in (3, 4)]
    words = ("query", *images[:2], home / "none.png", *images[2:], "-i", home / "index")
    code, answers = both_ways(monkeypatch, capfd, *words, "--key-file", home / "key", "--k", 1)
    assert code == 2
    assert [one.get("error", {}).get("code") for one in answers] == [
        None, None, "image_missing", None, None,
    ]  # fmt: skip
    assert len(answers[0]["candidates"]) == 1


def test_claims(home: Path, references: Path, monkeypatch: pytest.MonkeyPatch, capfd):
    rows = [(references / "chidi" / "4.png", "chidi"), ("none.png", "dara"),
            (references / "dara" / "4.png", "nobody")]  # fmt: skip
    listed = home / "claims.csv"
    listed.write_text("image,writer\n" + "".join(f"{i},{w}\n" for i, w in rows), encoding="utf-8")
    words = ("verify", "--claims", listed, "-i", home / "index", "--key-file", home / "key")
    code, answers = both_ways(monkeypatch, capfd, *words)
    assert code == 2
    assert answers[-1]["summary"]["errors"] == 2
    assert answers[0]["verdict"]["answer"]


@pytest.mark.parametrize(
    ("index", "questions", "log"),
    [("i", 63, False), ("i", 64, True), ("postgresql://db/x?index=i", 64, False)],
)
def test_few_or_logged_questions_and_those_to_a_database_are_answered_here(
    index: str, questions: int, log: bool
):
    assert apart.opening_of("i", None, None, 64, False) is not None
    assert apart.opening_of(index, None, None, questions, log) is None
