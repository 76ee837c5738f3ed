"""Work spread over the cores. Decoding, numpy and ONNX Runtime let go of the interpreter's lock, so
threads are enough, and share the features instead of copying them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def spread(work: Callable[[T], R], items: Iterable[T]) -> list[R]:
    """`work` of each item, in their order. The first error ends it."""
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        return list(pool.map(work, items))
