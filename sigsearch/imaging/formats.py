"""What a file is, told from its first bytes: what people scan to is opened, nothing else is tried.

Pillow would try every decoder that it has; one of them starts another program (EPS), and many were
written for formats that nobody scans to.
"""

from __future__ import annotations

import struct
from contextlib import suppress
from importlib import import_module

from sigsearch.errors import ImageTooLarge, NotAnImage

MAX_PAGES = 2_000
"""Of one file: a page is found by walking through those before it."""

_MAGIC = (
    # how a file begins, Pillow's name of the format, Pillow's module
    (b"\x89PNG\r\n\x1a\n", "PNG", "PngImagePlugin"),
    (b"\xff\xd8\xff", "JPEG", "JpegImagePlugin"),
    (b"II*\0", "TIFF", "TiffImagePlugin"),
    (b"MM\0*", "TIFF", "TiffImagePlugin"),
    (b"II+\0", "TIFF", "TiffImagePlugin"),
    (b"MM\0+", "TIFF", "TiffImagePlugin"),
    (b"BM", "BMP", "BmpImagePlugin"),
    (b"GIF87a", "GIF", "GifImagePlugin"),
    (b"GIF89a", "GIF", "GifImagePlugin"),
    (b"\xff\x4f\xff\x51", "JPEG2000", "Jpeg2KImagePlugin"),
    (b"\0\0\0\x0cjP  \r\n\x87\n", "JPEG2000", "Jpeg2KImagePlugin"),
    *((b"P%d" % kind, "PPM", "PpmImagePlugin") for kind in range(1, 7)),
    *((b"\n%c\1" % version, "PCX", "PcxImagePlugin") for version in (0, 2, 3, 5)),
)
_OTHERS = (
    (b"%PDF", "a PDF; save the page as PNG or TIFF, or cut the signature out of it"),
    (b"%!PS", "PostScript; save it as PNG or TIFF"),
    (b"\xc5\xd0\xd3\xc6", "PostScript; save it as PNG or TIFF"),
    (b"8BPS", "a Photoshop file; save it as PNG or TIFF"),
    (b"<svg", "a drawing (SVG); save it as PNG"),
    (b"PK\3\4", "a ZIP archive or an office document; save the picture in it as PNG"),
)
_BRANDS = {b"avif": "AVIF", b"avis": "AVIF"}
_HEIF = {b"heic", b"heix", b"hevc", b"mif1", b"msf1"}
_PIXELS_OF_IFD = {b"II": "<", b"MM": ">"}


def format_of(data: bytes, name: str) -> str:
    """Pillow's name of the format of `data`, its decoder imported. Raises NotAnImage."""
    from PIL import Image

    kind, module = _told_from(data, name)
    with suppress(ImportError):
        import_module(f"PIL.{module}")
    if kind not in Image.OPEN:
        raise NotAnImage(
            f"{name}: this Pillow cannot read {kind}; install a newer one or save it as PNG or TIFF"
        )
    return kind


def _told_from(data: bytes, name: str) -> tuple[str, str]:
    for magic, kind, module in _MAGIC:
        if data.startswith(magic):
            return kind, module
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP", "WebPImagePlugin"
    if data[4:8] == b"ftyp":
        if data[8:12] in _BRANDS:
            return "AVIF", "AvifImagePlugin"
        if data[8:12] in _HEIF:
            raise NotAnImage(f"{name}: not an image that can be read: HEIC; save it as JPEG")
    start = data[:1024].lstrip()
    for magic, what in _OTHERS:
        if start.startswith(magic):
            raise NotAnImage(f"{name}: not an image that can be read: {what}")
    raise NotAnImage(
        f"{name}: not an image that can be read; give PDF, PNG, TIFF, JPEG, WebP, BMP, GIF, "
        "PNM, JPEG 2000, AVIF or PCX"
    )


def tiff_pages(data: bytes, name: str) -> int:
    """How many pages a TIFF has, by its chain of directories alone.

    Raises ImageTooLarge for more than MAX_PAGES, or a chain that runs in a circle.
    """
    order = _PIXELS_OF_IFD[data[:2]]
    big = data[2:4] in (b"+\0", b"\0+")
    count, entry, offset = ("Q", 20, "Q") if big else ("H", 12, "L")
    first = 8 if big else 4
    pages, at = 0, _number(data, order + offset, first)
    while at:
        pages += 1
        if pages > MAX_PAGES:
            raise ImageTooLarge(f"{name}: has more than {MAX_PAGES} pages; split the file")
        entries = _number(data, order + count, at)
        at = _number(data, order + offset, at + struct.calcsize(count) + entries * entry)
    return max(pages, 1)


def _number(data: bytes, kind: str, at: int) -> int:
    """0 where the file ends before it."""
    end = at + struct.calcsize(kind)
    return int(struct.unpack(kind, data[at:end])[0]) if end <= len(data) else 0
