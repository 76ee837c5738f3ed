"""The pages of a PDF, drawn one at a time by PDFium. Its scripts are never run, and what it says of
digital signatures is reported, not drawn: a certificate is no ink."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import Any

import numpy as np

from sigsearch.arrays import Bytes
from sigsearch.errors import DocumentDamaged, DocumentLocked, ImageTooLarge

DPI = 200
MAX_PAGES = 2_000
"""Of one file, unless a page of it is asked for."""
MAX_PIXELS = 24_000_000
"""Of a page; a larger one is drawn at fewer dots per inch."""
SECONDS = 20.0
"""For drawing one page."""
_LARGEST_SIDE, _SMALLEST_SIDE = 12_000, 32  # pixels
_POINTS = 72  # an inch
_PASSWORD = 4  # PDFium's number for a file that wants one
_DRAWN = 0x01 | 0x08  # annotations, ink among them; grey

_one_at_a_time = RLock()  # PDFium knows no threads


class Pdf:
    """An open PDF; close it, or use it as a context."""

    def __init__(self, source: Path | bytes, name: str) -> None:
        """Raises DocumentLocked, DocumentDamaged."""
        import pypdfium2

        self.name = name
        with _one_at_a_time:
            try:
                self._pdf: Any = pypdfium2.PdfDocument(source)
            except pypdfium2.PdfiumError as fault:
                raise _refusal(fault, name) from None
            self.pages = len(self._pdf)
            self.signature_fields = max(self._raw.FPDF_GetSignatureCount(self._pdf), 0)
            self._pdf.init_forms()
            self._forms = self._pdf.formenv
        if not self.pages:
            self.close()
            raise DocumentDamaged(f"{name}: the PDF has no pages that can be read")

    def __enter__(self) -> Pdf:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        with _one_at_a_time:
            self._pdf.close()

    @property
    def _raw(self) -> Any:
        import pypdfium2.raw

        return pypdfium2.raw

    def refuse_many(self) -> None:
        """Raise ImageTooLarge where nobody would wait for all pages."""
        if self.pages > MAX_PAGES:
            raise ImageTooLarge(
                f"{self.name}: has {self.pages} pages, more than {MAX_PAGES}; "
                f"ask for one of them: {self.name}#page=1"
            )

    def draw(self, number: int) -> Bytes:
        """Page `number`, from 1: grey uint8 (height, width) at DPI, or fewer where it is huge.

        Raises DocumentDamaged, also for a page that takes longer than SECONDS.
        """
        with _one_at_a_time, self._page(number) as page:
            width = self._raw.FPDF_GetPageWidthF(page)
            height = self._raw.FPDF_GetPageHeightF(page)
            scale = _scale(width, height)
            size = [min(max(round(side * scale), 1), _LARGEST_SIDE) for side in (width, height)]
            return self._drawn(page, *size)

    @contextmanager
    def _page(self, number: int) -> Iterator[Any]:
        raw = self._raw
        page = raw.FPDF_LoadPage(self._pdf, number - 1)
        if not page:
            raise DocumentDamaged(f"{self.name}: page {number} cannot be read; save it anew")
        try:
            self._drop_signature_fields(page)
            if self._forms is None:
                yield page
                return
            raw.FORM_OnAfterLoadPage(page, self._forms)
            try:
                yield page
            finally:
                raw.FORM_OnBeforeClosePage(page, self._forms)
        finally:
            raw.FPDF_ClosePage(page)

    def _drop_signature_fields(self, page: Any) -> None:
        """From the page in memory: their look is the certificate's, or the reader's."""
        if self._forms is None:
            return
        raw = self._raw
        for at in reversed(range(raw.FPDFPage_GetAnnotCount(page))):
            annotation = raw.FPDFPage_GetAnnot(page, at)
            if not annotation:
                continue
            is_field = raw.FPDFAnnot_GetSubtype(annotation) == raw.FPDF_ANNOT_WIDGET
            kind = raw.FPDFAnnot_GetFormFieldType(self._forms, annotation) if is_field else -1
            raw.FPDFPage_CloseAnnot(annotation)
            if kind == raw.FPDF_FORMFIELD_SIGNATURE:
                raw.FPDFPage_RemoveAnnot(page, at)

    def _drawn(self, page: Any, width: int, height: int) -> Bytes:
        import pypdfium2

        raw, deadline = self._raw, time.monotonic() + SECONDS
        bitmap = pypdfium2.PdfBitmap.new_native(width, height, raw.FPDFBitmap_Gray)
        try:
            bitmap.fill_rect((255, 255, 255, 255), 0, 0, width, height)
            pause = raw.IFSDK_PAUSE(version=1)
            asked = _callback(pause, deadline)
            where = (0, 0, width, height, 0, _DRAWN)
            state = raw.FPDF_RenderPageBitmap_Start(bitmap, page, *where, pause)
            while state == raw.FPDF_RENDER_TOBECONTINUED and time.monotonic() < deadline:
                state = raw.FPDF_RenderPage_Continue(page, pause)
            raw.FPDF_RenderPage_Close(page)
            del asked
            if state != raw.FPDF_RENDER_DONE:
                raise DocumentDamaged(
                    f"{self.name}: a page could not be drawn in {SECONDS:g} seconds; print it anew"
                )
            if self._forms is not None:
                raw.FPDF_FFLDraw(self._forms, bitmap, page, *where)
            return np.array(bitmap.to_numpy(), np.uint8).reshape(height, width)
        finally:
            bitmap.close()


def _callback(pause: Any, deadline: float) -> Any:
    """Have PDFium ask whether it is late; what is returned has to outlive the drawing."""
    kind = dict(type(pause)._fields_)["NeedToPauseNow"]
    asked = kind(lambda _: int(time.monotonic() > deadline))
    pause.NeedToPauseNow = asked
    return asked


def _scale(width: float, height: float) -> float:
    """Pixels a point: DPI, fewer for a huge page, more for a tiny one."""
    width, height = max(width, 0.01), max(height, 0.01)
    most = min(math.sqrt(MAX_PIXELS / (width * height)), _LARGEST_SIDE / max(width, height))
    return min(max(DPI / _POINTS, _SMALLEST_SIDE / max(width, height)), most)


def _refusal(fault: Any, name: str) -> DocumentLocked | DocumentDamaged:
    if getattr(fault, "err_code", None) == _PASSWORD:
        return DocumentLocked(f"{name}: the PDF wants a password; save it without one")
    return DocumentDamaged(f"{name}: the PDF is damaged or cut short; save or send it again")
