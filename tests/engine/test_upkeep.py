"""A writer's references managed one by one, and what the decision log keeps of that."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sigsearch import SignatureIndex
from sigsearch.encoder import Encoder
from sigsearch.engine.log_entries import Change
from sigsearch.errors import ImageError, ReferenceUnknown, WriterUnknown


@pytest.fixture
def index(tmp_path: Path, references: Path, encoder: Encoder):
    with SignatureIndex.create(tmp_path / "index", encoder, log=True, by="clerk 7") as opened:
        for name in ("anna", "bo"):
            opened.enrol(name, [references / name / f"{n}.png" for n in range(3)])
        yield opened


def files(index: SignatureIndex, writer: str) -> list[str]:
    return ["/".join(Path(one.source).parts[-2:]) for one in index.references(writer)]


def test_a_reference_is_named_by_number_source_or_hash(index: SignatureIndex):
    second = index.references("anna")[1]
    for named in ("2", second.source, second.content_hash[:8], second.content_hash):
        assert index.remove("anna", named).content_hash == second.content_hash
        assert files(index, "anna") == ["anna/0.png", "anna/2.png"]
        index.enrol("anna", second.source)
        second = index.references("anna")[-1]
        index.move("anna", "2", "anna")  # the last again becomes the second
        second = index.references("anna")[1]
    for wrong in ("0", "4", "none.png", "abc", "0" * 64):
        with pytest.raises(ReferenceUnknown, match="anna"):
            index.remove("anna", wrong)
    with pytest.raises(WriterUnknown):
        index.remove("nobody", "1")


def test_moved_and_replaced(index: SignatureIndex, references: Path):
    index.move("anna", "1", "bo")
    assert files(index, "anna") == ["anna/1.png", "anna/2.png"]
    assert files(index, "bo")[-1] == "anna/0.png"
    index.replace("bo", "4", references / "bo" / "3.png")
    assert files(index, "bo") == ["bo/0.png", "bo/1.png", "bo/2.png", "bo/3.png"]
    with pytest.raises(ImageError):
        index.replace("bo", "1", references / "none.png")
    assert len(files(index, "bo")) == 4
    assert index.verify(references / "bo" / "4.png", "bo").references[-1].source.endswith("3.png")


def test_what_another_writer_has_is_said_at_once(index: SignatureIndex, references: Path):
    report = index.enrol("chidi", [references / "bo" / "0.png", references / "chidi" / "0.png"])
    (note,) = report.elsewhere
    assert note.code == "enrolled_elsewhere"
    assert "'bo'" in note.reason
    assert report.enrolled == 2
    assert index.enrol("bo", references / "bo" / "0.png").elsewhere == ()
    page = references / "dara" / "0.png"
    both = index.enrol_all([*_specimens("dara", page), *_specimens("eve", page)])
    assert [one.reason.count("'dara'") for one in both.elsewhere] == [1]


def _specimens(writer: str, page: Path):
    from sigsearch.engine.enrolment import Specimen

    return [Specimen(writer, page)]


def test_the_log_keeps_numbers_hashes_verdicts_and_who_asked(
    index: SignatureIndex, references: Path
):
    from typing import get_args

    index.verify(references / "bo" / "0.png", "bo")
    index.identify(references / "anna" / "4.png")
    index.move("anna", "1", "bo")
    index.remove("anna", "1")
    index.replace("anna", "1", references / "anna" / "3.png")
    number = index.index.numbers(["anna"])
    index.forget("anna")
    entries = list(index.index.decisions())
    events = [entry.event for entry in entries]
    assert {*get_args(Change), "verify", "identify"} == set(events)
    assert {entry.facts["by"] for entry in entries} == {"clerk 7"}
    verified = next(entry.facts for entry in entries if entry.event == "verify")
    assert (verified["verdict"], verified["reasons"]) == ("review", ["suspected_copy"])
    assert len(verified["questioned_sha256"]) == 64
    assert entries[-1].writers == tuple(number)
    assert entries[-1].facts["reference_count"] == 1
    text = json.dumps([entry.to_dict() for entry in entries])
    assert "anna" not in text
    assert str(references) not in text
    assert index.index.names(number) == [None]


def test_the_log_keeps_nothing_of_a_writer_who_is_erased(
    encoder: Encoder, references: Path, tmp_path: Path
):
    with SignatureIndex.create(tmp_path / "logged", encoder, log=True) as index:
        index.enrol("bo", [references / "bo" / "0.png", references / "bo" / "1.png"])
        index.enrol("anna", references / "anna" / "0.png")
        index.verify(references / "bo" / "2.png", "bo")
        index.replace("bo", "2", references / "bo" / "3.png")
        receipt = index.index.erase("bo")
        assert receipt.incomplete is None
        assert [entry.event for entry in index.index.decisions()][-1] == "replace"
