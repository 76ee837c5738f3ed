"""PDFs written by hand, so that tests know every object in them."""

from __future__ import annotations

import zlib

import numpy as np


def pdf(objects: list[bytes], trailer: bytes = b"") -> bytes:
    """A file of `objects`, numbered from 1; the first is the catalogue."""
    out, offsets = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % at for at in offsets)
    start, count = len(out), len(objects) + 1
    head = b"xref\n0 %d\n0000000000 65535 f \n" % count
    tail = b"trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n"
    return out + head + table + tail % (count, trailer, start)


def stream(data: bytes, about: bytes = b"") -> bytes:
    return b"<< %s /Length %d >>\nstream\n%s\nendstream" % (about, len(data), data)


def picture(grey: np.ndarray) -> bytes:
    """An image object of grey uint8 (height, width)."""
    about = b"/Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceGray"
    about += b" /BitsPerComponent 8 /Filter /FlateDecode"
    return stream(zlib.compress(grey.tobytes()), about % grey.shape[::-1])


def pictures_pdf(greys: list[np.ndarray], dpi: int = 200) -> bytes:
    """A page for each picture, which fills it."""
    objects, kids = [b"", b""], b""
    for grey in greys:
        page, height = len(objects) + 1, grey.shape[0] * 72 / dpi
        width, kids = grey.shape[1] * 72 / dpi, kids + b"%d 0 R " % page
        box = b"[0 0 %.3f %.3f]" % (width, height)
        content = stream(b"q %.3f 0 0 %.3f 0 0 cm /P Do Q" % (width, height))
        about = b"<< /Type /Page /Parent 2 0 R /MediaBox %s /Contents %d 0 R"
        about += b" /Resources << /XObject << /P %d 0 R >> >> >>"
        objects += [about % (box, page + 1, page + 2), content, picture(grey)]
    objects[0] = b"<< /Type /Catalog /Pages 2 0 R >>"
    objects[1] = b"<< /Type /Pages /Count %d /Kids [ %s] >>" % (len(greys), kids)
    return pdf(objects)


def annotated_pdf(annotations: list[bytes], more: list[bytes], fields: bytes = b"") -> bytes:
    """One empty page of 400 x 200 points with annotations (objects from 4 on), `more` objects after
    them, and the form `fields`."""
    first = 4
    listed = b" ".join(b"%d 0 R" % (first + at) for at in range(len(annotations)))
    catalogue = b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [%s] /SigFlags 3 >> >>"
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 200] /Annots [%s] >>"
    pages = b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>"
    return pdf([catalogue % fields, pages, page % listed, *annotations, *more])


def ink_annotation(look: int, box: bytes = b"[20 20 180 80]") -> bytes:
    """Ink, drawn as the form object `look` says."""
    about = b"<< /Type /Annot /Subtype /Ink /F 4 /Rect %s /InkList [[20 20 180 80]]"
    return (about + b" /AP << /N %d 0 R >> >>") % (box, look)


def signature_field(look: int, box: bytes = b"[220 20 380 80]") -> bytes:
    """A field for a digital signature."""
    about = b"<< /Type /Annot /Subtype /Widget /FT /Sig /T (S) /F 4 /Rect %s"
    return (about + b" /AP << /N %d 0 R >> >>") % (box, look)


def text_field(look: int, box: bytes = b"[220 120 380 180]") -> bytes:
    about = b"<< /Type /Annot /Subtype /Widget /FT /Tx /T (T) /F 4 /Rect %s"
    return (about + b" /AP << /N %d 0 R >> >>") % (box, look)


def black(width: int = 160, height: int = 60) -> bytes:
    """A form object that is black all over."""
    about = b"/Type /XObject /Subtype /Form /BBox [0 0 %d %d]" % (width, height)
    return stream(b"0 g 0 0 %d %d re f" % (width, height), about)
