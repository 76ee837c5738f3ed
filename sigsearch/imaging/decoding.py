"""Bytes -> a grey page. Whatever Pillow makes of a damaged or hostile file becomes an ImageError
that names it, and no file is given more memory or time than a page needs."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sigsearch.errors import ImageTooLarge, ImageTruncated, NoSuchPage, NotAnImage, SigsearchError
from sigsearch.imaging.colour import to_grey
from sigsearch.imaging.depth import to_levels
from sigsearch.imaging.formats import MAX_PAGES, format_of, tiff_pages
from sigsearch.imaging.geometry import (
    lies_on_its_side,
    orientation_of,
    pixel_aspect,
    squared,
    upright,
)

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_PIXELS = 80_000_000
"""An A4 page at 900 dpi; what claims more is taken for a decompression bomb."""
WORKING_PIXELS = 24_000_000
"""Larger pages are halved, or more, before anything else: while decoding, where the format can."""
_MAX_SCANS = 100  # of a progressive JPEG; each goes through all pixels

Grey = NDArray[np.uint8]


def decode(data: bytes, name: str, number: int = 1) -> tuple[Grey, int]:
    """Page `number` of a file, grey uint8 (height, width), upright and with square pixels; and how
    many pages the file has.

    Raises NotAnImage, ImageTruncated or ImageTooLarge, naming the file.
    """
    if not data:
        raise NotAnImage(f"{name}: the file is empty")
    kind = format_of(data, name)
    if kind == "JPEG" and data.count(b"\xff\xda") > _MAX_SCANS:
        raise ImageTooLarge(f"{name}: a JPEG in more than {_MAX_SCANS} scans; save it again")
    pages = tiff_pages(data, name) if kind == "TIFF" else 0
    with decoding(name):
        from PIL import Image

        with Image.open(io.BytesIO(data), formats=(kind,)) as image:
            pages = pages or _frames(image, kind, name)
            _go_to(image, number, pages, name)
            return grey_of(image, name), pages


@contextmanager
def decoding(name: str) -> Iterator[None]:
    """Pillow's faults, of whatever type, as the project's own."""
    from PIL import Image, UnidentifiedImageError

    try:
        yield
    except SigsearchError:
        raise
    except UnidentifiedImageError:
        raise NotAnImage(f"{name}: not an image that can be read") from None
    except (Image.DecompressionBombError, MemoryError):
        raise _too_large(name) from None
    except Exception as fault:  # decoders raise struct.error, RuntimeError, ZeroDivisionError ...
        raise ImageTruncated(f"{name}: the image is damaged or cut short ({fault})") from None


def grey_of(image: Image, name: str) -> Grey:
    """A Pillow image, decoded or not, as grey uint8 (height, width). Raises as `decode` does, if
    within `decoding`."""
    refuse_large(image.size, name)
    _draft(image)
    aspect, turn = pixel_aspect(image), 1
    if image.format == "TIFF":  # which Pillow turns itself
        aspect = 1 / aspect if lies_on_its_side(orientation_of(image)) else aspect
        image.load()
    else:  # some formats hold what they say of it behind the pixels
        image.load()
        turn = orientation_of(image)
    grey = _grey(_within_working_size(image, name), name)
    return upright(squared(grey, aspect), turn)


def refuse_large(size: tuple[int, int], name: str) -> None:
    """Raise ImageTooLarge for more than MAX_PIXELS."""
    if size[0] * size[1] > MAX_PIXELS:
        raise _too_large(name, size)


def _frames(image: Image, kind: str, name: str) -> int:
    """Of an animation only the first is ever read, and the pictures in a camera's JPEG are one."""
    if kind in ("JPEG", "GIF"):
        return 1
    frames = int(getattr(image, "n_frames", 1))
    if frames > MAX_PAGES:
        raise ImageTooLarge(f"{name}: has more than {MAX_PAGES} pages; split the file")
    return frames


def _go_to(image: Image, number: int, pages: int, name: str) -> None:
    if not 1 <= number <= pages:
        raise NoSuchPage(f"{name}: has {pages} page(s); there is no page {number}")
    if number > 1:
        image.seek(number - 1)


def _draft(image: Image) -> None:
    """Have a large page decoded at half its size or less, where the format allows that."""
    factor = _shrink(image.size)
    if factor > 1 and image.format in ("JPEG", "MPO"):
        image.draft(None, (image.width // factor, image.height // factor))
    elif factor > 1 and image.format == "JPEG2000":
        image.reduce = int(np.ceil(np.log2(factor)))  # type: ignore[method-assign, assignment]


def _within_working_size(image: Image, name: str) -> Image:
    factor = _shrink(image.size)
    if factor == 1:
        return image
    if _has_deep_values(image):
        from PIL import Image as Pillow

        image = Pillow.fromarray(to_levels(np.asarray(image), name))
    elif image.mode == "1":
        image = image.convert("L")
    elif image.mode in ("P", "PA"):
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    return image.reduce(factor)


def _shrink(size: tuple[int, int]) -> int:
    """By how much both sides are to be divided."""
    return max(int(np.ceil((size[0] * size[1] / WORKING_PIXELS) ** 0.5)), 1)


def _grey(image: Image, name: str) -> Grey:
    return to_levels(np.asarray(image), name) if _has_deep_values(image) else to_grey(image)


def _has_deep_values(image: Image | Any) -> bool:
    return bool(image.mode.startswith("I") or image.mode == "F")


def _too_large(name: str, size: tuple[int, int] | None = None) -> ImageTooLarge:
    stated = f"{size[0]} x {size[1]} pixels" if size else "too many pixels"
    return ImageTooLarge(
        f"{name}: {stated}, over the limit of {MAX_PIXELS // 1_000_000} million; "
        "crop the signature or scan at a lower resolution"
    )
