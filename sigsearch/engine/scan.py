"""A signature as it was scanned: the grey page around it, and how large it is on paper. An index
may keep one of each reference, in at most MOST_BYTES."""

from __future__ import annotations

import io
import os
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sigsearch.documents.addresses import Address
from sigsearch.errors import ImageError
from sigsearch.imaging import ImageSource, Signature
from sigsearch.imaging.load import load_page
from sigsearch.imaging.surroundings import without_surroundings

MOST_BYTES = 50_000
_HEADER = struct.Struct("<2sf4H")  # format, pixels a millimetre (0 = unknown), box
_FORMAT = b"S1"
_MOST_SIDE = 4000  # pixels of what is kept
_MARGIN = 0.08  # of the longer side, around the box
_SCREENS = (72, 96)  # what programs write that know of no resolution
_LEAST_DPI, _MOST_DPI = 50, 2400
_MM = 25.4


@dataclass(frozen=True, slots=True, eq=False)
class Scan:
    """grey: uint8 (height, width), what lies around the signature; box: (left, top, right, bottom)
    of its ink in there; per_mm: pixels a millimetre, None where nobody says."""

    grey: NDArray[np.uint8]
    box: tuple[int, int, int, int]
    per_mm: float | None

    def reduced(self, factor: float) -> Scan:
        """With sides `factor` times as long, below 1."""
        from PIL import Image

        size = tuple(max(round(side * factor), 1) for side in self.grey.shape[::-1])
        small = np.asarray(Image.fromarray(self.grey).resize(size, Image.Resampling.BOX))
        left, top, right, bottom = (round(edge * factor) for edge in self.box)
        return Scan(small, (left, top, right, bottom), self.per_mm and self.per_mm * factor)


def scan_of(source: ImageSource, signature: Signature, dpi: float | None = None) -> Scan:
    """What lies around `signature`, which was read from `source`; `dpi` where the file does not say
    how large its pixels are. Raises ImageError where it cannot be read a second time."""
    if signature.around is not None:  # of a document, whose pages may have been laid flat
        return _around(signature.around, signature.box, dpi and dpi / _MM)
    whole = load_page(source)
    page, _ = without_surroundings(whole)
    if page.grey.shape[::-1] != signature.page_size:
        raise ImageError(f"{signature.name}: changed since it was read")
    stated = dpi or _stated_dpi(source, whole.grey.shape)
    return _around(page.grey, signature.box, stated and stated / _MM)


def scan_of_ink(signature: Signature) -> Scan:
    """The cleaned ink in place of a scan that is not at hand."""
    height, width = signature.ink.shape
    return Scan(np.where(signature.ink, 0, 255).astype(np.uint8), (0, 0, width, height), None)


def packed(scan: Scan) -> bytes:
    """As few bytes as MOST_BYTES, the detail being what gives way."""
    from PIL import Image

    kept = scan.reduced(min(_MOST_SIDE / max(scan.grey.shape), 1.0))
    while True:
        file = io.BytesIO()
        Image.fromarray(kept.grey).save(file, "WEBP", quality=60, method=4)
        body = _HEADER.pack(_FORMAT, kept.per_mm or 0.0, *kept.box) + file.getvalue()
        if len(body) <= MOST_BYTES:
            return body
        kept = kept.reduced(0.8)


def unpacked(data: bytes) -> Scan | None:
    """The counterpart of `packed`; None for what is none."""
    from PIL import Image

    if not (data.startswith(_FORMAT) and _HEADER.size < len(data) <= MOST_BYTES):
        return None
    _, per_mm, *box = _HEADER.unpack_from(data)
    try:
        with Image.open(io.BytesIO(data[_HEADER.size :]), formats=("WEBP",)) as image:
            if max(image.size) > _MOST_SIDE:
                return None
            grey = np.asarray(image.convert("L"))
    except (OSError, ValueError, SyntaxError, RuntimeError):  # what Pillow raises on damaged files
        return None
    return Scan(grey, (box[0], box[1], box[2], box[3]), per_mm or None)


def _around(page: NDArray[np.uint8], box: tuple[int, int, int, int], per_mm: float | None) -> Scan:
    left, top, right, bottom = box
    margin = round(_MARGIN * max(right - left, bottom - top)) + 8
    x, y = max(left - margin, 0), max(top - margin, 0)
    grey = page[y : bottom + margin, x : right + margin]
    return Scan(np.ascontiguousarray(grey), (left - x, top - y, right - x, bottom - y), per_mm)


def _stated_dpi(source: ImageSource, shape: tuple[int, ...]) -> float | None:
    """Of the page as it was read: what the file states, if that is likely."""
    from PIL import Image

    try:
        with Image.open(_file(source)) as image:
            dpi, size = _dpi(image.info), image.size
    except (OSError, ValueError, TypeError, Image.DecompressionBombError):
        return None
    if dpi is None or dpi in _SCREENS or not _LEAST_DPI <= dpi <= _MOST_DPI:
        return None
    return dpi * max(shape) / max(size)


def _file(source: Any) -> Any:
    if isinstance(source, (bytes, bytearray, memoryview)):
        return io.BytesIO(bytes(source))
    if isinstance(source, (str, os.PathLike)):
        return Address.of(source).source
    raise TypeError("no file")


def _dpi(info: Mapping[Any, Any]) -> float | None:
    try:
        across, down = (float(value) for value in info["dpi"])
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
    return round(max(across, down), 1)
