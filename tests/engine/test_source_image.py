"""An enrolled reference is found again where it lay, from any folder and any page."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from PIL import Image

from sigsearch import SignatureIndex
from sigsearch.encoder import Encoder
from sigsearch.engine.source_image import original
from sigsearch.imaging import read_signature
from sigsearch.report.case import case_against_writer
from sigsearch.synthesis import Writer


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    """A folder with anna/0.png and with pages.tif, which has three pages of hers."""
    pages = [Image.fromarray(Writer.from_seed(40).specimen(n).page) for n in range(4)]
    (tmp_path / "refs" / "anna").mkdir(parents=True)
    pages[0].save(tmp_path / "refs" / "anna" / "0.png")
    pages[1].save(tmp_path / "pages.tif", save_all=True, append_images=pages[2:])
    return tmp_path


def test_a_sheet_from_another_folder_shows_every_reference(
    scans: Path, encoder: Encoder, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(scans)
    index, _ = SignatureIndex.build("refs", "index", encoder)
    index.close()
    with SignatureIndex.open(scans / "index", encoder) as index:
        monkeypatch.chdir(scans / "refs")
        index.enrol("anna", ["../pages.tif#page=3", Path("../pages.tif")])
        monkeypatch.chdir("/")
        image = read_signature(scans / "pages.tif#page=2")
        case = case_against_writer(index, index.examine(image, "anna"))
    assert [shown.source for shown in case.references] == [
        str(scans / "refs" / "anna" / "0.png"),
        str(scans / "pages.tif#page=3"),
        str(scans / "pages.tif"),
    ]
    for shown in case.references:
        assert shown.signature is not None
        assert shown.signature.content_hash == shown.content_hash


def test_what_is_named_keeps_its_name(scans: Path, encoder: Encoder):
    page = Writer.from_seed(41).specimen(0).page
    with SignatureIndex.create(scans / "index", encoder) as index:
        index.enrol("bo", [page, read_signature(page[:, ::-1], "mirrored")])
        assert [r.source for r in index.index.references("bo")] == ["<array>", "mirrored"]


def test_an_image_that_changed_or_is_no_file_is_not_at_hand(scans: Path):
    path = scans / "refs" / "anna" / "0.png"
    known = read_signature(path).content_hash
    assert original(str(path), known) is not None
    assert original(str(path), "0" * 64) is None
    os.mkfifo(scans / "pipe")
    for source in ("-", "", "<array>", str(scans), str(scans / "pipe"), "/dev/stdin", "a\0b"):
        assert original(source, known) is None
    path.unlink()
    assert original(str(path), known) is None
