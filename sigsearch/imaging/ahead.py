"""Images are read on other threads while those before them are worked on. Decoding, NumPy and ONNX
Runtime let go of the interpreter's lock, so threads are enough."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

REACH = 16
"""Items for each thread that are taken ahead of the one that is worked on."""


def ahead(
    work: Callable[[T], R], items: Iterable[T], threads: int = 0
) -> Iterator[tuple[T, Future[R]]]:
    """Each item, in their order, with what `work` makes of it, on so many threads; 0 = a core each.
    Where the items end in an error, those before it are given first."""
    count = threads or os.cpu_count() or 1
    waiting: deque[tuple[T, Future[R]]] = deque()
    fault: Exception | None = None
    pool = ThreadPoolExecutor(count)
    try:
        source = iter(items)
        while True:
            try:
                item = next(source)
            except StopIteration:
                break
            except Exception as error:
                fault = error
                break
            waiting.append((item, pool.submit(work, item)))
            if len(waiting) >= REACH * count:
                yield waiting.popleft()
        while waiting:
            yield waiting.popleft()
    finally:  # whoever stops here waits for what is being read, and for nothing else
        pool.shutdown(cancel_futures=True)
    if fault is not None:
        raise fault
