"""Scans that an index keeps: small, with their scale, and gone with their writer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sigsearch import SignatureIndex
from sigsearch.documents.intake import signature_from
from sigsearch.encoder import Encoder
from sigsearch.engine.scan import MOST_BYTES, packed, scan_of, unpacked
from sigsearch.engine.template import fingerprint_of, scan_kept
from sigsearch.imaging import read_signature
from sigsearch.report.case import case_against_writer
from sigsearch.report.exhibit import exhibit
from sigsearch.report.scans import with_scale
from sigsearch.synthesis import Writer


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "page.png"
    Image.fromarray(Writer.from_seed(7).specimen(0).page).save(path, dpi=(300, 300))
    return path


def test_a_scan_shows_the_signature_with_the_scale_that_the_file_states(page: Path):
    signature = read_signature(page)
    scan = scan_of(page, signature)
    left, top, right, bottom = scan.box
    assert (bottom - top, right - left) == signature.ink.shape
    assert scan.grey[top:bottom, left:right][signature.ink].mean() < 128
    assert scan.per_mm == pytest.approx(300 / 25.4)
    Image.open(page).save(page, dpi=(72, 72))
    assert scan_of(page, read_signature(page)).per_mm is None
    assert scan_of(page, read_signature(page), dpi=600).per_mm == pytest.approx(600 / 25.4)


def test_what_is_kept_is_small_whatever_the_scan(page: Path):
    noisy = np.random.default_rng(0).integers(0, 255, (2400, 3600)).astype(np.uint8)
    scan = scan_of(page, read_signature(page))
    for one in (scan, type(scan)(noisy, (10, 10, 3500, 2300), 11.8)):
        data = packed(one)
        assert len(data) <= MOST_BYTES
        again = unpacked(data)
        assert again is not None
        shrunk = again.grey.shape[1] / one.grey.shape[1]
        assert again.per_mm == pytest.approx(one.per_mm * shrunk, rel=0.01)
        assert again.box[2] == pytest.approx(one.box[2] * shrunk, abs=3)
    assert unpacked(b"") is None


def test_the_bar_has_the_length_that_it_says():
    drawn = with_scale(np.full((100, 600, 3), 255, np.uint8), per_mm=10.0)
    row = drawn[116].sum(axis=1) < 300
    assert 199 <= row[:212].sum() <= 203
    assert with_scale(drawn, None) is drawn


def test_kept_scans_serve_the_sheet_when_the_files_are_gone(
    tmp_path: Path, encoder: Encoder
) -> None:
    pages = [tmp_path / f"{n}.png" for n in range(4)]
    for number, path in enumerate(pages):
        Image.fromarray(Writer.from_seed(7).specimen(number).page).save(path, dpi=(300, 300))
    with SignatureIndex.create(tmp_path / "index", encoder) as index:
        index.enrol("anna", pages[:2], keep_images=True)
        index.enrol("bo", pages[2:3])
        kept = index.index.references("anna")
        assert all(scan_kept(one, encoder.card) for one in kept)
        assert all(fingerprint_of(one, encoder.card) for one in kept)
        assert scan_kept(index.index.references("bo")[0], encoder.card) is None
        for path in pages[:3]:
            path.unlink()
        for writer, held in (("anna", True), ("bo", False)):
            examined = index.examine(pages[3], writer)
            case = case_against_writer(index, examined, source=pages[3])
            assert [one.kept for one in case.references] == [held] * len(case.references)
            shown = exhibit(case)
            assert all((plate.pixels is not None) == held for plate in shown.references)
        whole = b"".join(p.read_bytes() for p in (tmp_path / "index").rglob("*") if p.is_file())
        assert whole.count(b"WEBP") >= 2
        index.index.erase("anna")
    whole = b"".join(p.read_bytes() for p in (tmp_path / "index").rglob("*") if p.is_file())
    assert b"WEBP" not in whole


def test_a_signature_on_a_document_is_shown_as_it_was_scanned(tmp_path: Path):
    page = np.full((1400, 1000), 244, np.uint8)
    specimen = Writer.from_seed(7).specimen(0).page
    height, width = specimen.shape
    page[700 : 700 + height, 200 : 200 + width] = np.minimum(specimen, 244)
    page[600:604, 100:900] = 90  # a rule above it
    Image.fromarray(page).save(tmp_path / "page.png")
    signature = signature_from(f"{tmp_path / 'page.png'}#box=200,700,{width},{height}")
    scan = scan_of(tmp_path / "page.png", signature)
    left, top, right, bottom = scan.box
    assert scan.grey[top:bottom, left:right][signature.ink].mean() < 128
    assert len(np.unique(scan.grey)) > 2  # grey, not the cleaned ink
    assert scan.per_mm is None
