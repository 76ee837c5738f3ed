"""An index of another encoder is read anew into one that answers as if it had been enrolled so."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from small_encoder import make_encoder

from sigsearch import SignatureIndex
from sigsearch.cli import main
from sigsearch.encoder import Encoder
from sigsearch.engine.accounts import accounts_of, set_account
from sigsearch.engine.mandates import Rule
from sigsearch.engine.reencoding import reencode
from sigsearch.engine.template import scan_kept
from sigsearch.errors import EncoderMismatch
from sigsearch.index.embedded import EmbeddedIndex


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Encoder:
    return make_encoder(tmp_path_factory.mktemp("other"), "patches-2")


@pytest.fixture
def pages(tmp_path: Path, references: Path) -> Path:
    for name in ("bo", "dara"):
        shutil.copytree(references / name, tmp_path / "pages" / name)
    return tmp_path / "pages"


@pytest.fixture
def old(tmp_path: Path, pages: Path, encoder: Encoder) -> Path:
    """Two references of bo, whose scans are kept, and two of dara, whose are not."""
    with SignatureIndex.create(tmp_path / "old", encoder) as index:
        index.enrol("bo", [pages / "bo" / f"{n}.png" for n in (0, 1)], {"branch": "x"}, True)
        index.enrol("dara", [pages / "dara" / f"{n}.png" for n in (0, 1)])
        set_account(index.index, "ACME", [Rule.parse("all of bo, dara")])
    return tmp_path / "old"


def read_again(old: Path, new: Path, encoder: Encoder, old_encoder: Encoder):
    with (
        EmbeddedIndex.open(old, read_only=True) as before,
        SignatureIndex.create(new, encoder, exist_ok=True) as after,
    ):
        return reencode(before, after.index, encoder, old_encoder.card)


def test_it_holds_what_enrolling_anew_would(
    old: Path, pages: Path, encoder: Encoder, other: Encoder, tmp_path: Path
) -> None:
    report = read_again(old, tmp_path / "new", other, encoder)
    assert (report.reencoded, report.from_scans, report.known) == (4, 0, 0)
    assert not report.missing
    with pytest.raises(EncoderMismatch):
        SignatureIndex.open(old, other)
    with (
        SignatureIndex.open(tmp_path / "new", other) as new,
        SignatureIndex.open(old, encoder) as before,
    ):
        for writer in ("bo", "dara"):
            kept, was = new.references(writer), before.references(writer)
            assert [r.to_dict() for r in kept] == [r.to_dict() for r in was]
        assert scan_kept(new.references("bo")[0], other.card) is not None
        assert scan_kept(new.references("dara")[0], other.card) is None
        assert accounts_of(new.index) == accounts_of(before.index)
        fresh = other.embed([pages / "bo" / "0.png"]).vectors[0]
        np.testing.assert_allclose(new.references("bo")[0].vector, fresh, atol=1e-6)
        assert before.verify(pages / "bo" / "0.png", "bo").writer == "bo"


def test_scans_stand_in_for_images_that_are_gone_and_the_rest_is_missing(
    old: Path, pages: Path, encoder: Encoder, other: Encoder, tmp_path: Path
) -> None:
    (pages / "bo" / "1.png").unlink()
    shutil.copy(pages / "dara" / "4.png", pages / "dara" / "1.png")  # another image in its place
    report = read_again(old, tmp_path / "new", other, encoder)
    assert (report.reencoded, report.from_scans) == (3, 1)
    (missing,) = report.missing
    assert missing.code == "image_missing"
    assert missing.source.endswith("dara/1.png")
    with (
        SignatureIndex.open(tmp_path / "new", other) as new,
        SignatureIndex.open(old, encoder) as before,
    ):
        assert [r.content_hash for r in new.references("bo")] == [
            r.content_hash for r in before.references("bo")
        ]
        drawn = new.references("bo")[1].vector @ other.embed([pages / "bo" / "0.png"]).vectors.T
        assert drawn.item() < 0.999


def test_a_second_call_does_what_is_left(
    old: Path, pages: Path, encoder: Encoder, other: Encoder, tmp_path: Path
) -> None:
    aside = pages / "aside.png"
    (pages / "dara" / "0.png").rename(aside)
    assert read_again(old, tmp_path / "new", other, encoder).reencoded == 3
    aside.rename(pages / "dara" / "0.png")
    again = read_again(old, tmp_path / "new", other, encoder)
    assert (again.reencoded, again.known, again.missing) == (1, 3, ())


def test_on_the_command_line(
    old: Path, pages: Path, encoder: Encoder, other: Encoder, tmp_path: Path, monkeypatch, capfd
) -> None:
    monkeypatch.setattr(Encoder, "load", lambda *_: other)
    words = ["index", "reencode", str(tmp_path / "new"), "-i", str(old)]
    with pytest.raises(SystemExit) as stopped:
        main([*words, "--json"])
    assert not stopped.value.code
    answer = json.loads(capfd.readouterr().out)
    assert answer["reencoded"] == 4
    (pages / "dara" / "1.png").unlink()
    shutil.rmtree(tmp_path / "new")
    with pytest.raises(SystemExit) as stopped:
        main(words)
    assert stopped.value.code == 2
    told = capfd.readouterr()
    assert "read 3 references again" in told.out
    assert "missing: " in told.err
    assert "dara/1.png" in told.err
    with pytest.raises(SystemExit):
        main(["index", "reencode", str(old), "-i", str(old)])
    assert "a folder of its own" in capfd.readouterr().err
