"""A name typed on one system finds the writer copied from another."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from sigsearch import SignatureIndex
from sigsearch.encoder import Encoder
from sigsearch.engine.held_names import HeldNames
from sigsearch.errors import ReferenceRefused, WriterUnknown
from sigsearch.imaging import signature_from_ink
from sigsearch.index import WriterIndex
from sigsearch.index.records import Reference
from sigsearch.names import as_path, as_text, one_form, told_apart
from sigsearch.synthesis import Writer

APART = unicodedata.normalize("NFD", "Émile Nguyễn")
WHOLE = unicodedata.normalize("NFC", APART)
MIXED = "E\u0301mile Nguyễn"  # neither form


@pytest.mark.parametrize("name", [APART, WHOLE, MIXED])
def test_one_form(name: str) -> None:
    assert one_form(name) == WHOLE


@pytest.mark.parametrize(
    "raw", [b"M\xfcller/\xe9.png", b"plain", b"a\\x", b"a\\xzz\xff", "é".encode()]
)
def test_bytes_that_are_no_text_can_be_told_and_found_again(raw: bytes) -> None:
    import os

    text = as_text(os.fsdecode(raw))
    text.encode("utf-8")
    assert os.fsencode(as_path(text)) == raw


def test_half_a_character_is_told_as_well() -> None:
    assert as_text("a\ud800b") == "a\\ud800b"
    assert told_apart("É\u0301") == "\\xc9\\u0301"


def signatures(seed: int, start: int = 0) -> list:
    writer = Writer.from_seed(seed)
    return [
        signature_from_ink(writer.specimen(n).mask, f"{seed}-{n}") for n in range(start, start + 2)
    ]


def older(path: Path, encoder: Encoder, *names: str) -> None:
    """An index of a release that stored names as they came."""
    with SignatureIndex.create(path, encoder) as index:
        for at, _ in enumerate(names):
            index.enrol(f"writer {at}", signatures(700 + at))
        held = [index.index.references(f"writer {at}") for at in range(len(names))]
        for at, name in enumerate(names):
            index.index.forget(f"writer {at}")
            index.index.enrol([renamed(reference, name) for reference in held[at]])


def renamed(reference: Reference, name: str) -> Reference:
    from dataclasses import replace

    return replace(reference, writer=name)


@pytest.mark.parametrize("typed", [APART, WHOLE, MIXED])
def test_a_new_name_is_enrolled_in_one_form(typed: str, tmp_path: Path, encoder: Encoder) -> None:
    with SignatureIndex.create(tmp_path / "index", encoder) as index:
        index.enrol(typed, signatures(700))
        assert [writer.name for writer in index.writers()] == [WHOLE]
        for name in (APART, WHOLE, MIXED):
            assert index.verify(signatures(700, 5)[0], name).writer == WHOLE
        assert index.forget(APART) == 2


@pytest.mark.parametrize("held", [APART, MIXED])
@pytest.mark.parametrize("typed", [APART, WHOLE, MIXED])
def test_names_that_an_older_index_holds_are_found(
    held: str, typed: str, tmp_path: Path, encoder: Encoder
) -> None:
    older(tmp_path / "index", encoder, "anna", held)
    with SignatureIndex.open(tmp_path / "index", encoder) as index:
        assert index.verify(signatures(701, 5)[0], typed).writer == held
        assert index.enrol(typed, signatures(701, 8)).enrolled == 2  # no second writer
        assert {w.name: w.reference_count for w in index.writers()} == {"anna": 2, held: 4}
        assert index.forget(typed) == 4
        with pytest.raises(WriterUnknown):
            index.forget(typed)
        index.enrol(typed, signatures(701, 8))  # anew, and in one form
        assert {writer.name for writer in index.writers()} == {"anna", WHOLE}


def test_an_index_that_cannot_be_gone_through_finds_them_too(
    tmp_path: Path, encoder: Encoder
) -> None:
    pytest.importorskip("cryptography")
    key = bytes(range(32))
    older(tmp_path / "open", encoder, APART)
    with SignatureIndex.open(tmp_path / "open", encoder) as index:
        references = index.index.references(APART)
        identity = index.index.identity
    with WriterIndex.create(tmp_path / "v", identity, key=key, verify_only=True) as vault:
        vault.enrol(references)
        names = HeldNames(vault)
        assert [names.find(name) for name in (WHOLE, APART, "nobody", "Niemand ß")] == [
            APART, APART, "nobody", "Niemand ß"
        ]  # fmt: skip


def test_a_name_that_is_no_text_is_spelt_out(tmp_path: Path, encoder: Encoder) -> None:
    with SignatureIndex.create(tmp_path / "index", encoder) as index:
        index.enrol("M\udcfcller", signatures(700))
        assert [writer.name for writer in index.writers()] == ["M\\xfcller"]
        assert index.verify(signatures(700, 5)[0], "M\udcfcller").writer == "M\\xfcller"
        report = index.enrol("", signatures(701))
        assert {refusal.code for refusal in report.refused} == {ReferenceRefused.code}


def test_files_that_are_no_text_are_enrolled_and_found_again(
    tmp_path: Path, references: Path, encoder: Encoder
) -> None:
    import os
    import shutil

    from sigsearch.engine.source_image import original

    folder = os.fsencode(tmp_path / "refs") + b"/M\xfcller"
    os.makedirs(folder)
    shutil.copy(os.fsencode(references / "bo" / "0.png"), folder + b"/\xe9.png")
    index, report = SignatureIndex.build(tmp_path / "refs", tmp_path / "index", encoder)
    assert (report.enrolled, report.refused) == (1, ())
    (reference,) = index.index.references("M\\xfcller")
    assert reference.source.endswith("/M\\xfcller/\\xe9.png")
    assert original(reference.source, reference.content_hash) is not None
    index.close()


def test_outer_folders_and_columns_can_be_asked_for(
    tmp_path: Path, references: Path, encoder: Encoder
) -> None:
    import shutil

    for branch, writer in (("hanoi", "anna"), ("hue", "bo")):
        shutil.copytree(references / writer, tmp_path / "refs" / branch / writer)
    rows = "path,writer,branch\nrefs/hanoi/anna/0.png,anna,hanoi\nrefs/hue/bo/0.png,bo,hue\n"
    (tmp_path / "list.csv").write_text(rows)
    questioned = references / "bo" / "4.png"
    for given, key in ((tmp_path / "refs", "folder"), (tmp_path / "list.csv", "branch")):
        index, _ = SignatureIndex.build(given, tmp_path / key, encoder)
        found = index.identify(questioned, where={key: "hue"})
        assert [candidate.writer for candidate in found.candidates] == ["bo"]
        index.close()
