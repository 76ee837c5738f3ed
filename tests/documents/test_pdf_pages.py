"""PDFs: their pages drawn, what they hold told, and what is wrong with them named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from made_pdfs import (
    annotated_pdf,
    black,
    ink_annotation,
    pdf,
    pictures_pdf,
    signature_field,
    stream,
    text_field,
)

from sigsearch.documents import pdf as pdf_module
from sigsearch.documents.addresses import Address
from sigsearch.documents.pages import opened
from sigsearch.documents.pdf import MAX_PAGES, Pdf
from sigsearch.documents.pdfium import MAX_PIXELS
from sigsearch.errors import DocumentDamaged, DocumentLocked, ImageTooLarge, NoSuchPage

PAGE = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %s] %s >>"
CATALOGUE = b"<< /Type /Catalog /Pages 2 0 R >>"


def one_page(box: bytes = b"200 100", more: bytes = b"", *objects: bytes) -> bytes:
    pages = b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>"
    return pdf([CATALOGUE, pages, PAGE % (box, more), *objects])


def test_pages_are_drawn_as_they_are_asked_for():
    rng = np.random.default_rng(1)
    greys = [rng.integers(0, 255, (100 + n, 200), dtype=np.uint8) for n in range(3)]
    with opened(Address(pictures_pdf(greys)), "three.pdf") as document:
        assert document.pages == 3
        seen = [document.page(number) for number in document.numbers()]
    assert [page.grey.shape[0] for page in seen] == pytest.approx([100, 101, 102], abs=1)
    assert [page.number for page in seen] == [1, 2, 3]
    assert len({page.content_hash for page in seen}) == 3
    likeness = np.corrcoef(seen[1].grey[:101, :200].ravel(), greys[1].ravel())[0, 1]
    assert likeness > 0.8


def test_ink_is_drawn_and_digital_signatures_are_not():
    annotations = [ink_annotation(7), signature_field(7), text_field(7)]
    data = annotated_pdf(annotations, [black()], fields=b"5 0 R 6 0 R")
    with Pdf(data, "signed.pdf") as document:
        drawn, scale = document.draw(1), 200 / 72
        assert document.signature_fields == 1
    at = {"ink": (100, 50), "signature": (300, 50), "text": (300, 150), "paper": (100, 150)}
    levels = {
        name: drawn[int(drawn.shape[0] - y * scale), int(x * scale)] for name, (x, y) in at.items()
    }
    assert levels == {"ink": 0, "signature": 255, "text": 0, "paper": 255}


def test_a_missing_page_is_named():
    with (
        opened(Address(one_page()), "short.pdf") as document,
        pytest.raises(NoSuchPage, match=r"short\.pdf: has 1 page"),
    ):
        document.page(2)


def test_a_password_is_named():
    about = b"/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <%s> /U <%s> >>" % (
        b"28" * 32,
        b"41" * 32,
    )
    data = pdf([CATALOGUE, b"<< /Type /Pages /Count 0 /Kids [] >>"], about + b" /ID [<00> <00>]")
    with pytest.raises(DocumentLocked, match="password"):
        Pdf(data, "locked.pdf")


def test_a_file_without_its_end_is_drawn():
    data = one_page()
    with Pdf(data[: data.rindex(b"startxref")], "cut.pdf") as document:
        assert document.draw(1).min() == 255


@pytest.mark.parametrize("kept", [9, 60, 100])
def test_what_is_cut_shorter_is_named(kept: int):
    with pytest.raises(DocumentDamaged, match=r"cut\.pdf.*damaged or cut short"):
        Pdf(one_page()[:kept], "cut.pdf")


def test_objects_that_hold_themselves_end():
    pages = b"<< /Type /Pages /Count 2 /Kids [2 0 R 3 0 R] >>"
    with Pdf(pdf([CATALOGUE, pages, PAGE % (b"50 50", b"")]), "loop.pdf") as document:
        for number in range(1, document.pages + 1):
            try:
                document.draw(number)
            except DocumentDamaged:
                continue
    look = stream(b"/F Do", b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] "
                  b"/Resources << /XObject << /F 4 0 R >> >>")  # fmt: skip
    more = b"/Resources << /XObject << /F 4 0 R >> >> /Contents 5 0 R"
    with Pdf(one_page(b"50 50", more, look, stream(b"/F Do")), "self.pdf") as document:
        assert document.draw(1).shape == (139, 139)


@pytest.mark.parametrize("box", [b"14400 14400", b"1 999999", b"99999999 99999999", b"0.01 0.01"])
def test_a_huge_or_tiny_page_is_drawn_within_bounds(box: bytes):
    with Pdf(one_page(box), "huge.pdf") as document:
        assert 0 < document.draw(1).size <= 1.01 * MAX_PIXELS


def test_a_hundred_thousand_pages_are_not_gone_through():
    kids = b" ".join([b"3 0 R"] * 100_000)
    pages = b"<< /Type /Pages /Count 100000 /Kids [%s] >>" % kids
    data = pdf([CATALOGUE, pages, PAGE % (b"50 50", b"")])
    with opened(Address(data), "many.pdf") as document:
        with pytest.raises(ImageTooLarge, match=f"more than {MAX_PAGES}"):
            document.numbers()
        assert document.page(99_999).grey.shape == (139, 139)


def test_scripts_are_not_run():
    script = b"<< /Type /Catalog /Pages 2 0 R /OpenAction << /S /JavaScript /JS (while(1);) >> >>"
    pages = b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>"
    with Pdf(pdf([script, pages, PAGE % (b"50 50", b"")]), "script.pdf") as document:
        assert document.draw(1).min() == 255


def test_a_page_that_never_ends_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pdf_module, "SECONDS", 3.0)
    look = stream(b"/F Do " * 9999, b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] "
                  b"/Resources << /XObject << /F 4 0 R >> >>")  # fmt: skip
    more = b"/Resources << /XObject << /F 4 0 R >> >> /Contents 4 0 R"
    with Pdf(one_page(b"99 99", more, look), "endless.pdf") as document:
        with pytest.raises(DocumentDamaged, match=r"endless\.pdf: page 1 .* 3 seconds"):
            document.draw(1)
        with pytest.raises(DocumentDamaged):
            document.draw(1)  # the process is gone


def test_pages_that_together_take_too_long_are_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pdf_module, "MINUTES", 0.0)
    with Pdf(pictures_pdf([np.zeros((20, 30), np.uint8)] * 2), "slow.pdf") as document:
        document.draw(1)
        with pytest.raises(ImageTooLarge, match=r"slow\.pdf: .*0 minutes.*slow\.pdf#page=2"):
            document.draw(2)


def test_a_path_is_not_read_into_memory(tmp_path: Path):
    path = tmp_path / "a.pdf"
    path.write_bytes(pictures_pdf([np.zeros((20, 30), np.uint8)]))
    with opened(Address.of(f"{path}#page=1")) as held, opened(Address(path.read_bytes())) as whole:
        assert held.data == b""
        assert held.page(1).content_hash == whole.page(1).content_hash
