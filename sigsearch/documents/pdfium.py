"""PDFium in a process of its own, which draws what it is asked for: a page that never ends, or that
PDFium dies of, costs that process alone. Nothing but PDFium is imported here.

A line of JSON asks, a line of JSON answers: for a page, width and height, and its pixels after it.
"""

from __future__ import annotations

import contextlib
import json
import math
import signal
import sys
from collections.abc import Iterator
from typing import Any, BinaryIO

DPI = 200
MAX_PIXELS = 24_000_000
"""Of a page; a larger one is drawn at fewer dots per inch."""
_LARGEST_SIDE, _SMALLEST_SIDE = 12_000, 32  # pixels
_POINTS = 72  # an inch
_PASSWORD = 4  # PDFium's number for a file that wants one
_DRAWN = 0x01 | 0x08  # annotations, ink among them; grey
_MEMORY = 3 * 2**30  # bytes of address space
_GRACE = 2  # seconds after which nobody waits any more


def main() -> None:
    """Serve whoever started this process, until they close their end."""
    given, answers = sys.stdin.buffer, sys.stdout.buffer
    about = json.loads(given.readline())
    _bound()
    _alarm(about["seconds"])
    document, told = _opened(about, given)
    _answer(answers, told)
    if document is None:
        return
    for line in given:
        _alarm(about["seconds"])
        try:
            width, height, pixels = document.draw(int(line))
        except (OSError, ValueError, MemoryError) as fault:
            _answer(answers, {"fault": str(fault)})
        else:
            _answer(answers, {"width": width, "height": height}, pixels)
        _alarm(0)


def _opened(about: dict[str, Any], given: BinaryIO) -> tuple[Drawn | None, dict[str, Any]]:
    import pypdfium2

    source = about["path"] or given.read(about["bytes"])
    try:
        document = Drawn(pypdfium2.PdfDocument(source))
    except pypdfium2.PdfiumError as fault:
        return None, {"locked": getattr(fault, "err_code", None) == _PASSWORD}
    except (OSError, ValueError, MemoryError):
        return None, {"locked": False}
    return document, {"pages": document.pages, "signature_fields": document.signature_fields}


def _answer(answers: BinaryIO, told: dict[str, Any], pixels: bytes = b"") -> None:
    answers.write(json.dumps(told).encode() + b"\n" + pixels)
    answers.flush()


def _bound() -> None:
    """So much memory and no more, where the system can say so."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))


def _alarm(seconds: float) -> None:
    """End this process when nobody waits for it any more; 0: they do not wait now."""
    if hasattr(signal, "alarm"):
        signal.alarm(math.ceil(seconds) + _GRACE if seconds else 0)


class Drawn:
    """An open PDF whose pages are drawn without the look of fields for digital signatures: that is
    a certificate's, or the reader's."""

    def __init__(self, pdf: Any) -> None:
        import pypdfium2.raw

        self._raw: Any = pypdfium2.raw
        self._pdf = pdf
        self.pages = len(pdf)
        self.signature_fields = max(self._raw.FPDF_GetSignatureCount(pdf), 0)
        pdf.init_forms()
        self._forms = pdf.formenv

    def draw(self, number: int) -> tuple[int, int, bytes]:
        """Width, height and the grey pixels of page `number`, from 1, at DPI, or fewer where it is
        huge. Raises OSError for a page that cannot be read."""
        with self._page(number) as page:
            points = self._raw.FPDF_GetPageWidthF(page), self._raw.FPDF_GetPageHeightF(page)
            scale = scale_for(*points)
            width, height = (min(max(round(p * scale), 1), _LARGEST_SIDE) for p in points)
            return width, height, self._pixels(page, width, height)

    @contextlib.contextmanager
    def _page(self, number: int) -> Iterator[Any]:
        raw = self._raw
        page = raw.FPDF_LoadPage(self._pdf, number - 1)
        if not page:
            raise OSError("it cannot be read")
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
        """From the page in memory, before its fields are made ready."""
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

    def _pixels(self, page: Any, width: int, height: int) -> bytes:
        import pypdfium2

        raw = self._raw
        bitmap = pypdfium2.PdfBitmap.new_native(width, height, raw.FPDFBitmap_Gray)
        try:
            bitmap.fill_rect((255, 255, 255, 255), 0, 0, width, height)
            where = (0, 0, width, height, 0, _DRAWN)
            raw.FPDF_RenderPageBitmap(bitmap, page, *where)
            if self._forms is not None:
                raw.FPDF_FFLDraw(self._forms, bitmap, page, *where)
            held = memoryview(bitmap.buffer).cast("B")
            return b"".join(
                held[row * bitmap.stride : row * bitmap.stride + width] for row in range(height)
            )
        finally:
            bitmap.close()


def scale_for(width: float, height: float) -> float:
    """Pixels a point: DPI, fewer for a huge page, more for a tiny one."""
    width, height = max(width, 0.01), max(height, 0.01)
    most = min(math.sqrt(MAX_PIXELS / (width * height)), _LARGEST_SIDE / max(width, height))
    return min(max(DPI / _POINTS, _SMALLEST_SIDE / max(width, height)), most)
