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


def cores() -> int:
    """How many this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0)) or 1
    return os.cpu_count() or 1


def ahead(
    work: Callable[[T], R], items: Iterable[T], threads: int = 0
) -> Iterator[tuple[T, Future[R]]]:
    """Each item, in their order, with what `work` makes of it, on so many threads; 0 = a core each.
    Where the items end in an error, those before it are given first."""
    count = threads or cores()
    waiting: deque[tuple[T, Future[R]]] = deque()
    fault: Exception | None = None
    given = False
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
        given = True
    finally:  # whoever stops here waits for what is being read, and for nothing else
        pool.shutdown(cancel_futures=not given)
    if fault is not None:
        raise fault


def in_turn(work: Callable[[T], R], items: Iterable[T]) -> Iterator[tuple[T, Future[R]]]:
    """`ahead` for work that must not be done before its turn: each when it is asked for."""
    for item in items:
        done: Future[R] = Future()
        try:
            done.set_result(work(item))
        except Exception as fault:
            done.set_exception(fault)
        yield item, done
