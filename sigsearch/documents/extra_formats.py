"""What only the extra `formats` reads: photographs as telephones keep them (HEIC) and drawings
(SVG)."""

from __future__ import annotations

import hashlib
import io
import re
from importlib.util import find_spec

import numpy as np

from sigsearch.documents import svg
from sigsearch.errors import ImageTooLarge, NotAnImage
from sigsearch.imaging.decoding import decoding, grey_of, refuse_large
from sigsearch.imaging.load import Page

_HEIF = {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"}
_SVG = re.compile(rb"^\s*(?:<\?xml[^>]*>\s*|<!--.*?-->\s*|<!DOCTYPE[^>]*>\s*)*<svg[\s>]", re.S)


def picture_of(data: bytes, name: str) -> Page | None:
    """The page in a HEIC or SVG; None for other formats.

    Raises NotAnImage where the extra is missing, ImageTruncated or ImageTooLarge.
    """
    if data[4:8] == b"ftyp" and data[8:12] in _HEIF:
        return _heic(data, name)
    if b"<svg" in data[:4096] and _SVG.match(data[:65536]):
        return _svg(data, name)
    return None


def _heic(data: bytes, name: str) -> Page:
    try:
        import pillow_heif
    except ImportError:
        raise _missing(name, "HEIC") from None
    with decoding(name):
        from PIL import Image

        held = pillow_heif.open_heif(io.BytesIO(data), convert_hdr_to_8bit=True)
        refuse_large(held.size, name)
        # Upright already: what EXIF says of that would turn it twice.
        return _page(Image.fromarray(np.asarray(held.to_pillow())), data, name)


def _svg(data: bytes, name: str) -> Page:
    if find_spec("resvg_py") is None:
        raise _missing(name, "SVG")
    with decoding(name):
        from PIL import Image

        with Image.open(io.BytesIO(svg.drawn(data, name)), formats=("PNG",)) as image:
            if image.width < svg.WIDTH:
                raise ImageTooLarge(f"{name}: an SVG much taller than it is wide; save it as PNG")
            return _page(image, data, name)


def _page(image: object, data: bytes, name: str) -> Page:
    return Page(grey_of(image, name), name, hashlib.sha256(data).hexdigest())  # type: ignore[arg-type]


def _missing(name: str, what: str) -> NotAnImage:
    return NotAnImage(f"{name}: {what}; to read it, pip install 'sigsearch[formats]'")
