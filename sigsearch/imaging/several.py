"""One image where several are expected."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

_MARKS = ("read", "convert", "__array_interface__", "canvas")
"""What file objects, PIL images, arrays, and signatures that were read already have."""


def several(images: Any) -> Iterable[Any]:
    """The images; one alone is a list of one. A path is never gone through letter by letter, nor an
    array row by row, unless it is one of paths."""
    if isinstance(images, (str, os.PathLike, bytes, bytearray, memoryview)):
        return [images]
    if getattr(getattr(images, "dtype", None), "kind", "") in ("O", "U", "S"):
        return list(images)
    one = any(hasattr(images, mark) for mark in _MARKS) or not isinstance(images, Iterable)
    return [images] if one else images
