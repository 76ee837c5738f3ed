"""The bytes of an image, from wherever they are held, never more of them than MAX_BYTES."""

from __future__ import annotations

import base64
import binascii
import os
import re
import stat
import sys
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote_to_bytes

from sigsearch.errors import ImageMissing, ImageTooLarge, NotAnImage

MAX_BYTES = 256 * 2**20
"""Of a file: more than the pixels that are allowed need when they are not compressed."""

_PAGE = re.compile(r"#page=(\d{1,9})$")
_DATA_URL = "data:"


def file_and_page(text: str) -> tuple[Path, int]:
    """The file that a path with or without `#page=N` names, and which of its pages, from 1."""
    wanted = _PAGE.search(text)
    if wanted is None or os.path.lexists(text):  # a file may be called that
        return Path(text), 1
    return Path(text[: wanted.start()]), int(wanted[1])


def read_file(path: Path, name: str) -> bytes:
    """The bytes of an image file. Raises NotAnImage for what is not a file, ImageTooLarge before
    anything is read, ImageMissing if it cannot be read for whatever reason; all call it `name`."""
    try:
        about = path.stat()
        if stat.S_ISDIR(about.st_mode):
            raise NotAnImage(f"{name}: is a directory; give an image file")
        if not stat.S_ISREG(about.st_mode):
            raise NotAnImage(
                f"{name}: is a pipe or a device; give an image file, or `-` for standard input"
            )
        if about.st_size > MAX_BYTES:
            raise _too_large(name)
        return path.read_bytes()
    except FileNotFoundError:
        raise ImageMissing(f"{name}: no such file") from None
    except (OSError, ValueError) as fault:  # ValueError: a NUL in the path
        why = getattr(fault, "strerror", None) or fault
        raise ImageMissing(f"{name}: cannot be read ({why})") from None


def read_stream(stream: IO[bytes] | Any, name: str) -> bytes:
    """What a binary file object still holds. Raises ImageMissing, NotAnImage or ImageTooLarge."""
    try:
        data = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError, AttributeError) as fault:
        raise ImageMissing(f"{name}: cannot be read ({fault})") from None
    if not isinstance(data, (bytes, bytearray, memoryview)):
        raise NotAnImage(f"{name}: gives text; open the file in binary mode")
    return read_buffer(data, name)


def read_standard_input() -> bytes:
    name = "<standard input>"
    if sys.stdin is None:
        raise ImageMissing(f"{name}: is closed")
    return read_stream(getattr(sys.stdin, "buffer", sys.stdin), name)


def read_buffer(data: bytes | bytearray | memoryview, name: str) -> bytes:
    """Bytes, within the limit. Raises ImageTooLarge."""
    held = memoryview(data).nbytes
    if held > MAX_BYTES:
        raise _too_large(name)
    return data if isinstance(data, bytes) else bytes(data)


def is_data_url(source: object) -> bool:
    """Whether `source` is a URL that holds the image itself: `data:image/png;base64,...`."""
    return isinstance(source, str) and source[: len(_DATA_URL)].lower() == _DATA_URL


def read_data_url(url: str, name: str) -> bytes:
    """Raises NotAnImage for one that cannot be decoded, ImageTooLarge."""
    if len(url) > 2 * MAX_BYTES:
        raise _too_large(name)
    head, comma, body = url.partition(",")
    if not comma:
        raise NotAnImage(f"{name}: a data URL without a comma; it should be data:image/...,DATA")
    raw = unquote_to_bytes(body)
    if not head.lower().endswith(";base64"):
        return raw
    plain = b"".join(raw.split()).translate(bytes.maketrans(b"-_", b"+/"))
    try:
        return base64.b64decode(plain + b"=" * (-len(plain) % 4), validate=True)
    except binascii.Error as fault:
        raise NotAnImage(f"{name}: a data URL that is not base64 ({fault})") from None


def _too_large(name: str) -> ImageTooLarge:
    return ImageTooLarge(
        f"{name}: over the limit of {MAX_BYTES >> 20} MiB for a file; "
        "crop the signature or scan at a lower resolution"
    )
