"""Claims in bulk: an answer or an error for each row, and a summary."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from sigsearch import SignatureIndex
from sigsearch.cli import main
from sigsearch.encoder import Encoder
from sigsearch.imaging import read_signature


@pytest.fixture(scope="module")
def index(tmp_path_factory, references: Path, encoder: Encoder) -> Path:
    """Three of each writer's five specimens."""
    root = tmp_path_factory.mktemp("claims") / "index"
    with SignatureIndex.create(root, encoder) as opened:
        for name in ("chidi", "dara"):
            opened.enrol(name, [references / name / f"{n}.png" for n in range(3)])
    return root


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch, encoder: Encoder) -> None:
    """The small encoder is no file."""
    monkeypatch.setattr(Encoder, "load", lambda *_: encoder)


def run(capfd: pytest.CaptureFixture[str], *words: object) -> tuple[int, str]:
    with pytest.raises(SystemExit) as stopped:
        main(["verify", *map(str, words)])
    return int(stopped.value.code or 0), capfd.readouterr().out


def claims(folder: Path, *rows: tuple[object, str]) -> Path:
    path = folder / "claims.csv"
    path.write_text("image,writer\n" + "".join(f"{i},{w}\n" for i, w in rows), encoding="utf-8")
    return path


def test_each_claim_has_a_line_and_one_bad_row_stops_nothing(
    references: Path, index: Path, encoder: Encoder, tmp_path: Path, capfd
) -> None:
    own, copy = references / "chidi" / "4.png", references / "dara" / "0.png"
    path = claims(
        tmp_path, (own, "chidi"), (own, "dara"), (copy, "dara"), ("no.png", "dara"), (own, "nobody")
    )
    asked = ("--claims", path, "-i", index)
    code, told = run(capfd, *asked, "--json")
    assert code == 2
    *rows, last = map(json.loads, told.splitlines())
    assert [row["line"] for row in rows] == [2, 3, 4, 5, 6]
    answers = [
        row["verdict"]["answer"] if "verdict" in row else row["error"]["code"] for row in rows
    ]
    assert answers == ["accepted", "rejected", "review", "dataset", "writer_unknown"]
    counts = {"claims": 5, "accepted": 1, "review": 1, "rejected": 1, "errors": 2}
    assert last == {"summary": counts}
    code, told = run(capfd, *asked)
    assert code == 2
    assert "5 claims: 1 accepted, 1 review, 1 rejected, 2 errors" in told


def test_only_accepted_claims_end_with_0(
    references: Path, index: Path, encoder: Encoder, tmp_path: Path, capfd
) -> None:
    own = references / "chidi" / "4.png"
    asked = ("-i", index)
    assert run(capfd, "--claims", claims(tmp_path, (own, "chidi")), *asked)[0] == 0
    assert run(capfd, "--claims", claims(tmp_path, (own, "dara")), *asked)[0] == 1
    (tmp_path / "odd.csv").write_text("picture,name\na,b\n")
    assert run(capfd, "--claims", tmp_path / "odd.csv", *asked)[0] == 2


def test_references_without_an_index_are_those_of_one_writer(
    references: Path, encoder: Encoder, capfd
) -> None:
    own = [references / "chidi" / f"{n}.png" for n in range(4)]
    code, told = run(capfd, *own, "--json")
    answer = json.loads(told)
    assert (code, answer["verdict"]["answer"]) == (0, "accepted")
    assert [one["source"] for one in answer["references"]] == [str(path) for path in own[1:]]
    code, told = run(capfd, own[1], *own, "--json")
    assert (code, json.loads(told)["suspected_copy"]) == (1, str(own[1]))


@pytest.mark.parametrize(
    "words", [("--claims", "a.csv", "b.png"), ("a.png",), ("a.png", "b.png", "-w", "c"), ()]
)
def test_what_does_not_go_together_is_refused(words, capfd) -> None:
    assert run(capfd, *words)[0] == 2


def test_claims_name_the_signature_in_their_paths(index: Path, tmp_path: Path, capfd) -> None:
    path = claims(tmp_path, ("a.png", "chidi"))
    with pytest.raises(SystemExit) as stopped:
        main(["verify", "--claims", str(path), "-i", str(index), "--signature", "2"])
    assert stopped.value.code == 2
    assert "#signature=N" in capfd.readouterr().err


def test_the_surest_of_several_signatures_is_no_firm_answer(
    references: Path, index: Path, encoder: Encoder
) -> None:
    one = replace(read_signature(references / "chidi" / "4.png"), warnings=("several_signatures",))
    with SignatureIndex.open(index, encoder) as opened:
        for writer in ("chidi", "dara"):
            answer = opened.verify(one, writer)
            assert answer.decision == "inconclusive"
            assert "several_signatures" in answer.verdict.reasons
