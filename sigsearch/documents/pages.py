"""Anything to pages: PDF, TIFF of many pages, photographs and, with the extra `formats`, HEIC and
SVG. One page is held at a time."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sigsearch.documents.addresses import Address
from sigsearch.documents.extra_formats import picture_of
from sigsearch.documents.pdf import Pdf
from sigsearch.errors import ImageTooLarge, NoSuchPage
from sigsearch.imaging.load import ImageSource, Page, file_page, held_file, load_page, page_hash
from sigsearch.imaging.sources import is_data_url

MAX_PDF_BYTES = 2 * 2**30
_LOOKED_AT = 1024  # bytes: what comes before a PDF's head in some
_CHUNK = 2**20


@dataclass(frozen=True, slots=True)
class Document:
    """name: what it is called; pages: how many; signature_fields: for digital signatures, of a PDF;
    pdf: None for an image."""

    name: str
    pages: int
    first: Page | None
    pdf: Pdf | None
    file: Any  # SHA-256 of a PDF's bytes
    data: bytes = b""

    @property
    def signature_fields(self) -> int:
        return self.pdf.signature_fields if self.pdf else 0

    def page(self, number: int) -> Page:
        """Raises what `load_page` does, NoSuchPage or DocumentDamaged."""
        if not 1 <= number <= self.pages:
            raise NoSuchPage(f"{self.name}: has {self.pages} page(s); there is no page {number}")
        if self.first is not None and number == self.first.number:
            return self.first
        if self.pdf is None:
            return file_page(self.data, self.name, number)
        grey = self.pdf.draw(number)
        return Page(grey, self.name, page_hash(self.file, number), number, self.pages)

    def numbers(self) -> Iterable[int]:
        """Of all pages. Raises ImageTooLarge where there are too many to look at."""
        if self.pdf is not None:
            self.pdf.refuse_many()
        return range(1, self.pages + 1)


@contextmanager
def opened(address: Address, name: str | None = None) -> Iterator[Document]:
    """The document at `address`, with the page that is asked for, or else the first, decoded; those
    of a PDF are drawn when they are asked for.

    Raises ImageError of the kind that says what is wrong.
    """
    address.refuse_unclear(name)
    source, wanted = address.source, address.page or 1
    path = _pdf_path(source)
    held = None if path else held_file(source, name)
    if path is not None:
        called = name or os.fsdecode(source)
        with Pdf(path, called) as pdf:
            yield Document(called, pdf.pages, None, pdf, _hash_of(path))
    elif held is not None and _is_pdf(held[0]):
        with Pdf(held[0], held[1]) as pdf:
            yield Document(held[1], pdf.pages, None, pdf, hashlib.sha256(held[0]))
    elif held is not None:
        page = picture_of(*held[:2]) or file_page(held[0], held[1], wanted)
        yield Document(held[1], page.pages, page, None, None, held[0])
    else:
        page = load_page(source, name)
        yield Document(page.name, 1, page, None, None)


def _pdf_path(source: ImageSource) -> Path | None:
    """Of a file that is a PDF, which is then not read into memory. Raises ImageTooLarge."""
    if not isinstance(source, (str, os.PathLike)):
        return None
    text = os.fsdecode(source)
    if text == "-" or is_data_url(text):
        return None
    try:
        path = Path(text)
        if not path.is_file():
            return None
        with path.open("rb") as file:
            if not _is_pdf(file.read(_LOOKED_AT)):
                return None
        if path.stat().st_size > MAX_PDF_BYTES:
            raise ImageTooLarge(f"{text}: larger than {MAX_PDF_BYTES // 2**30} GB; split the file")
    except (OSError, ValueError):
        return None  # said by who reads it
    return path


def _is_pdf(data: bytes) -> bool:
    return b"%PDF-" in data[:_LOOKED_AT]


def _hash_of(path: Path) -> Any:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest
