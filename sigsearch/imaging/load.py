"""Anything that holds an image -> a grey page."""

from __future__ import annotations

import hashlib
import io
import os
import re
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from sigsearch.errors import ImageMissing, ImageTooLarge, ImageTruncated, NotAnImage
from sigsearch.imaging.levels import Counts, histogram

if TYPE_CHECKING:
    from PIL import Image

ImageSource: TypeAlias = "str | os.PathLike[str] | bytes | IO[bytes] | Image.Image | NDArray[Any]"

MAX_PIXELS = 80_000_000
"""An A4 page at 900 dpi; what claims more is taken for a decompression bomb."""

_PAGE = re.compile(r"#page=(\d+)$")


@dataclass(frozen=True)
class Page:
    """A decoded page: `grey` uint8 (height, width), 0 = black; `content_hash` SHA-256 in hex."""

    grey: NDArray[np.uint8]
    name: str
    content_hash: str

    @cached_property
    def counts(self) -> Counts:
        """How often each level of grey occurs."""
        return histogram(self.grey)


def load_page(source: ImageSource, name: str | None = None) -> Page:
    """Decode `source`: a path (`file.tif#page=2` picks a page, `-` reads standard input), bytes,
    a binary file object, a PIL image or an array (2-D grey, or 3-D RGB / RGBA; floats in 0..1).

    Raises ImageMissing, NotAnImage, ImageTruncated or ImageTooLarge, naming the file.
    """
    if isinstance(source, np.ndarray):
        return _array_page(source, name or "<array>")
    if isinstance(source, bytes):
        return _decode(source, name or "<bytes>")
    if isinstance(source, (str, os.PathLike)):
        return _path_page(os.fspath(source), name)
    if hasattr(source, "read"):
        return _decode(source.read(), name or str(getattr(source, "name", "<stream>")))
    if hasattr(source, "convert"):
        return _image_page(source, name or str(getattr(source, "filename", "") or "<image>"))
    raise NotAnImage(
        f"{name or type(source).__name__}: cannot be read as an image; "
        "give a path, bytes, a file object, a PIL image or an array"
    )


def file_and_page(text: str) -> tuple[Path, int]:
    """The file that a path with or without `#page=N` names, and which of its pages, from 1. A file
    whose own name ends so is that file."""
    wanted = None if os.path.isfile(text) else _PAGE.search(text)
    return Path(text[: wanted.start()] if wanted else text), int(wanted[1]) if wanted else 1


def read_file(path: Path, name: str) -> bytes:
    """The bytes of an image file. Raises NotAnImage for a folder, ImageMissing if it cannot be
    read for whatever reason; both call it `name`."""
    try:
        if path.is_dir():
            raise NotAnImage(f"{name}: is a directory; give an image file")
        return path.read_bytes()
    except FileNotFoundError:
        raise ImageMissing(f"{name}: no such file") from None
    except OSError as fault:
        raise ImageMissing(f"{name}: cannot be read ({fault.strerror})") from None


def _path_page(text: str, name: str | None) -> Page:
    if text == "-":
        return _decode(sys.stdin.buffer.read(), name or "<standard input>")
    path, number = file_and_page(text)
    return _decode(read_file(path, text), name or text, number)


def _decode(data: bytes, name: str, number: int = 1) -> Page:
    from PIL import Image, UnidentifiedImageError

    if not data:
        raise NotAnImage(f"{name}: the file is empty")
    try:
        with Image.open(io.BytesIO(data)) as image:
            grey = _grey_of_page(image, name, number)
    except UnidentifiedImageError:
        raise NotAnImage(f"{name}: not an image that can be decoded") from None
    except Image.DecompressionBombError:
        raise _too_large(name) from None
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, TypeError) as fault:
        raise ImageTruncated(f"{name}: the image is damaged or cut short ({fault})") from None
    suffix = f"#page={number}".encode() if number > 1 else b""
    return Page(grey, name, hashlib.sha256(data + suffix).hexdigest())


def _grey_of_page(image: Image.Image, name: str, number: int) -> NDArray[np.uint8]:
    pages = getattr(image, "n_frames", 1)
    if not 1 <= number <= pages:
        raise NotAnImage(f"{name}: has {pages} page(s); there is no page {number}")
    if number > 1:
        image.seek(number - 1)
    _refuse_large(image.size, name)
    return _grey(image)


def _image_page(image: Any, name: str) -> Page:
    _refuse_large(image.size, name)
    try:
        grey = _grey(image)
    except (OSError, SyntaxError) as fault:
        raise ImageTruncated(f"{name}: the image is damaged or cut short ({fault})") from None
    return Page(grey, name, _pixel_hash(grey))


def _array_page(array: NDArray[Any], name: str) -> Page:
    from PIL import Image

    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (3, 4)):
        raise NotAnImage(
            f"{name}: an array of shape {array.shape}; give (height, width) or (height, width, 3|4)"
        )
    if 0 in array.shape:
        raise NotAnImage(f"{name}: the array is empty")
    _refuse_large((array.shape[1], array.shape[0]), name)
    pixels = _to_bytes(array, name)
    grey = pixels if pixels.ndim == 2 else _grey(Image.fromarray(pixels))
    return Page(grey, name, _pixel_hash(grey))


def _to_bytes(array: NDArray[Any], name: str) -> NDArray[np.uint8]:
    if array.dtype == np.uint8:
        return array
    if array.dtype == np.bool_:
        return array.astype(np.uint8) * np.uint8(255)
    if array.dtype == np.uint16:
        return (array >> 8).astype(np.uint8)
    if np.issubdtype(array.dtype, np.floating) and np.isfinite(array).all():
        return (array.clip(0, 1) * 255).round().astype(np.uint8)
    raise NotAnImage(f"{name}: values of type {array.dtype}; give uint8, uint16, bool or 0..1")


def _grey(image: Image.Image) -> NDArray[np.uint8]:
    """Any PIL mode -> luminance, transparency laid on white, turned upright as EXIF says."""
    from PIL import Image

    upright = _upright(image)
    if upright.mode.startswith("I") or upright.mode == "F":
        return _stretch(np.asarray(upright))
    if upright.has_transparency_data:
        layer = upright.convert("RGBA")
        upright = Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer)
    return np.asarray(upright if upright.mode == "L" else upright.convert("L"))


def _upright(image: Image.Image) -> Image.Image:
    from PIL import ExifTags, ImageOps

    image.load()  # some formats hold what they say of it behind the pixels
    turned = image.getexif().get(ExifTags.Base.Orientation, 1) != 1
    return ImageOps.exif_transpose(image) if turned else image


def _stretch(values: NDArray[Any]) -> NDArray[np.uint8]:
    """16-bit and float scans use whatever range their maker liked: map it by its own maximum."""
    top = float(values.max()) if values.size else 0.0
    ceiling = next((c for c in (1.0, 255.0, 65535.0) if top <= c), top)
    return (values.astype(np.float32).clip(0) * (255.0 / ceiling)).astype(np.uint8)


def _pixel_hash(grey: NDArray[np.uint8]) -> str:
    digest = hashlib.sha256(repr(grey.shape).encode())
    digest.update(np.ascontiguousarray(grey).data)
    return digest.hexdigest()


def _refuse_large(size: tuple[int, int], name: str) -> None:
    if size[0] * size[1] > MAX_PIXELS:
        raise _too_large(name, size)


def _too_large(name: str, size: tuple[int, int] | None = None) -> ImageTooLarge:
    stated = f"{size[0]} x {size[1]} pixels" if size else "too many pixels"
    return ImageTooLarge(
        f"{name}: {stated}, over the limit of {MAX_PIXELS // 1_000_000} million; "
        "crop the signature or scan at a lower resolution"
    )
