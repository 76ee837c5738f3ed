"""Anything that holds an image -> a grey page."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from functools import cached_property
from typing import IO, TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from sigsearch.errors import NotAnImage
from sigsearch.imaging.decoding import decode, decoding, grey_of, refuse_large
from sigsearch.imaging.depth import to_levels
from sigsearch.imaging.levels import Counts, histogram
from sigsearch.imaging.sources import (
    file_and_page,
    is_data_url,
    read_buffer,
    read_data_url,
    read_file,
    read_standard_input,
    read_stream,
)

if TYPE_CHECKING:
    from PIL import Image

ImageSource: TypeAlias = (
    "str | os.PathLike[str] | bytes | bytearray | memoryview | IO[bytes] | Image.Image"
    " | NDArray[Any]"
)


@dataclass(frozen=True)
class Page:
    """A decoded page: `grey` uint8 (height, width), 0 = black; `content_hash` SHA-256 in hex; it is
    page `number` of a file of `pages`."""

    grey: NDArray[np.uint8]
    name: str
    content_hash: str
    number: int = 1
    pages: int = 1

    @cached_property
    def counts(self) -> Counts:
        """How often each level of grey occurs."""
        return histogram(self.grey)


def load_page(source: ImageSource, name: str | None = None) -> Page:
    """Decode `source`: a path (`file.tif#page=2` picks a page, `-` reads standard input), a data
    URL, bytes or another buffer, a binary file object, a PIL image or an array (2-D grey, or 3-D
    with one, three or four channels, first or last; see `sigsearch.imaging.depth` for its range).

    Raises ImageMissing, NotAnImage, ImageTruncated or ImageTooLarge, naming the file.
    """
    held = held_file(source, name)
    return file_page(*held) if held else _pixel_page(source, name)


def held_file(source: ImageSource, name: str | None = None) -> tuple[bytes, str, int] | None:
    """The bytes of the file that `source` names or holds, what to call it, and which of its pages
    is asked for; None for pixels. Raises ImageMissing, NotAnImage or ImageTooLarge."""
    if isinstance(source, (bytes, bytearray, memoryview)):
        called = name or "<bytes>"
        return read_buffer(source, called), called, 1
    if isinstance(source, (str, os.PathLike)):
        return _named_file(os.fsdecode(source), name)
    if not isinstance(source, np.ndarray) and hasattr(source, "read"):
        called = name or str(getattr(source, "name", "<stream>"))
        return read_stream(source, called), called, 1
    return None


def _named_file(text: str, name: str | None) -> tuple[bytes, str, int]:
    if text == "-":
        return read_standard_input(), name or "<standard input>", 1
    if is_data_url(text):
        called = name or "<data URL>"
        return read_data_url(text, called), called, 1
    path, number = file_and_page(text)
    return read_file(path, text), name or text, number


def file_page(data: bytes, name: str, number: int = 1) -> Page:
    """Page `number` of an image file. Raises NotAnImage, ImageTruncated or ImageTooLarge."""
    grey, pages = decode(data, name, number)
    return Page(grey, name, page_hash(hashlib.sha256(data), number), number, pages)


def page_hash(file: hashlib._Hash, number: int) -> str:
    """What tells page `number` from the others of its file; the first is as good as the `file`."""
    digest = file.copy()
    digest.update(f"#page={number}".encode() if number > 1 else b"")
    return digest.hexdigest()


def _pixel_page(source: Any, name: str | None) -> Page:
    if isinstance(source, np.ndarray):
        return _array_page(source, name or "<array>")
    if hasattr(source, "convert") and hasattr(source, "getbands"):
        return _image_page(source, name or str(getattr(source, "filename", "") or "<image>"))
    if hasattr(source, "__array__"):
        return _array_page(np.asarray(source), name or "<array>")
    raise NotAnImage(
        f"{name or type(source).__name__}: cannot be read as an image; "
        "give a path, bytes, a file object, a PIL image or an array"
    )


def _image_page(image: Any, name: str) -> Page:
    refuse_large(image.size, name)
    with decoding(name):
        grey = grey_of(image.copy(), name)  # the caller's own stays as it is
    return Page(grey, name, _pixel_hash(grey))


def _array_page(array: NDArray[Any], name: str) -> Page:
    from PIL import Image

    channels = _channels_last(np.asarray(array), name)
    refuse_large((channels.shape[1], channels.shape[0]), name)
    grey = to_levels(channels, name)
    if grey.ndim == 3:
        with decoding(name):
            grey = grey_of(Image.fromarray(grey), name)
    return Page(np.ascontiguousarray(grey), name, _pixel_hash(grey))


def _channels_last(array: NDArray[Any], name: str) -> NDArray[Any]:
    """(height, width) or (height, width, 3 or 4). Raises NotAnImage."""
    if 0 in array.shape:
        raise NotAnImage(f"{name}: the array is empty")
    if array.ndim == 3 and array.shape[0] == 1:
        array = array[0]
    elif array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    elif array.ndim == 3 and array.shape[0] in (3, 4) and array.shape[2] not in (3, 4):
        array = np.moveaxis(array, 0, 2)
    if array.ndim == 2 or (array.ndim == 3 and array.shape[2] in (3, 4)):
        return array
    raise NotAnImage(
        f"{name}: an array of shape {array.shape}; give (height, width) or (height, width, 3|4)"
    )


def _pixel_hash(grey: NDArray[np.uint8]) -> str:
    digest = hashlib.sha256(repr(grey.shape).encode())
    digest.update(np.ascontiguousarray(grey).data)
    return digest.hexdigest()
