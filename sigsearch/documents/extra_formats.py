"""What only the extra `formats` reads: photographs as telephones keep them (HEIC) and drawings
(SVG)."""

from __future__ import annotations

import hashlib
import io
import re

import numpy as np

from sigsearch.errors import ImageTooLarge, NotAnImage
from sigsearch.imaging.decoding import decoding, grey_of, refuse_large
from sigsearch.imaging.load import Page

_HEIF = {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"}
_SVG = re.compile(rb"^\s*(?:<\?xml[^>]*>\s*|<!--.*?-->\s*|<!DOCTYPE[^>]*>\s*)*<svg[\s>]", re.S)
_MAX_SVG_BYTES = 8 * 2**20
_SVG_WIDTH = 1600  # pixels
_TALLEST = 8.0  # heights over widths
_SHOWN = ("image", "feImage")  # elements that show another file


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
    try:
        import resvg_py
    except ImportError:
        raise _missing(name, "SVG") from None
    if len(data) > _MAX_SVG_BYTES:
        raise ImageTooLarge(f"{name}: an SVG of more than {_MAX_SVG_BYTES // 2**20} MB")
    with decoding(name):
        from PIL import Image

        text = data.decode("utf-8", "replace")
        _refuse_tall(text, name)
        _refuse_references(text, name)
        drawn = bytes(resvg_py.svg_to_bytes(svg_string=text, width=_SVG_WIDTH, background="white"))
        with Image.open(io.BytesIO(drawn), formats=("PNG",)) as image:
            return _page(image, data, name)


def _refuse_tall(text: str, name: str) -> None:
    head = text[: text.find(">", text.find("<svg")) + 1]
    sides = [re.search(rf'\b{side}\s*=\s*["\']\s*([\d.]+)', head) for side in ("width", "height")]
    view = re.search(r'viewBox\s*=\s*["\']([^"\']*)', head)
    pairs = [[float(side[1]) for side in sides if side]]
    pairs += [[float(part) for part in re.split(r"[\s,]+", view[1].strip())[2:4]]] if view else []
    for pair in pairs:
        if len(pair) == 2 and pair[1] > _TALLEST * max(pair[0], 1e-6):
            raise ImageTooLarge(f"{name}: an SVG much taller than it is wide; save it as PNG")


def _refuse_references(text: str, name: str) -> None:
    """A drawing holds all that it shows. Another file that it names would be read and shown,
    whoever sent the drawing. Raises NotAnImage."""
    from xml.etree import ElementTree

    told = f"{name}: an SVG that refers to other files; save it as PNG"
    if "<!ENTITY" in text:
        raise NotAnImage(told)
    try:
        elements = list(ElementTree.fromstring(text).iter())
    except ElementTree.ParseError as fault:
        raise NotAnImage(f"{name}: an SVG that cannot be read ({fault})") from None
    for one in elements:
        if str(one.tag).rpartition("}")[2] not in _SHOWN:
            continue
        targets = [value for key, value in one.attrib.items() if key.endswith("href")]
        if any(not target.strip().startswith(("#", "data:")) for target in targets):
            raise NotAnImage(told)


def _page(image: object, data: bytes, name: str) -> Page:
    return Page(grey_of(image, name), name, hashlib.sha256(data).hexdigest())  # type: ignore[arg-type]


def _missing(name: str, what: str) -> NotAnImage:
    return NotAnImage(f"{name}: {what}; to read it, pip install 'sigsearch[formats]'")
