"""Numbers of any type and range -> grey levels 0..255, by a rule that is stated, or not at all.

Whole numbers fill the smallest of 1, 8, 10, 12, 14 and 16 bits that holds the largest of them,
since scanners put the levels of their sensor into wider files as they are. Floats are 0..1 or
-1..1 where they stay within that, else 0..255 or wider as whole numbers are, but what goes beyond
1 and not beyond 16 could be either. What is not finite or goes below -1 is no image.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sigsearch.errors import NotAnImage

_FULL = (1, 255, 1023, 4095, 16383, 65535)
_BEYOND = 1.005  # of the full scale: what an interpolation overshoots by
_OPEN = 16.0  # floats up to this, but beyond 1, may be 0..1 with errors or a black page of 0..255
_CHUNK = 4_000_000  # values at a time, to save memory


def to_levels(values: NDArray[Any], name: str) -> NDArray[np.uint8]:
    """uint8 of the same shape. Raises NotAnImage where the range is open or the type is not of
    numbers."""
    kind = values.dtype.kind
    if kind not in "buif":
        raise NotAnImage(
            f"{name}: values of type {values.dtype} are not supported; "
            "give whole numbers, floats or booleans"
        )
    if values.size == 0:
        return values.astype(np.uint8)
    low, high = values.min(), values.max()
    if kind == "f" and not (np.isfinite(low) and np.isfinite(high)):
        raise NotAnImage(f"{name}: holds values that are not finite")
    if values.dtype == np.uint8 and high > 1:
        return values
    base, full = _range(float(low), float(high), values.dtype, name)
    return _scaled(values, base, full)


def _range(low: float, high: float, kind: np.dtype[Any], name: str) -> tuple[float, float]:
    """The values that stand for black, and by how much white exceeds it."""
    if kind.kind == "f":
        if high <= _BEYOND and low >= 1 - _BEYOND:
            return 0.0, 1.0
        if high <= _BEYOND and low >= -_BEYOND:
            return -1.0, 2.0
        if high <= _OPEN or low < 1 - _BEYOND:
            raise NotAnImage(
                f"{name}: floats from {low:g} to {high:g}; scale them to 0..1 or 0..255, since "
                "they could mean either"
            )
    elif low < 0:
        least = np.iinfo(kind).min if kind.itemsize <= 2 else -32768
        if low < least:
            raise NotAnImage(f"{name}: values down to {low:g}; scale them to 0..255")
        return float(least), float(-2 * least - 1)
    full = next((top for top in _FULL if high <= top * (_BEYOND if top > 1 else 1)), None)
    if full is None:
        raise NotAnImage(f"{name}: values up to {high:g}; scale them to 0..255 or 0..65535")
    return 0.0, float(full)


def _scaled(values: NDArray[Any], base: float, full: float) -> NDArray[np.uint8]:
    flat = np.ascontiguousarray(values).reshape(-1)
    levels = np.empty(flat.shape, np.uint8)
    scale = np.float32(255 / full)
    for at in range(0, len(flat), _CHUNK):
        part = (flat[at : at + _CHUNK].astype(np.float32) - np.float32(base)) * scale
        levels[at : at + _CHUNK] = np.rint(part.clip(0, 255))
    return levels.reshape(values.shape)
