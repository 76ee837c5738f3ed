"""The bounded pool in which questions are answered."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any, ParamSpec, TypeVar

from sigsearch.errors import ServiceBusy

Given = ParamSpec("Given")
T = TypeVar("T")


class Work:
    """At most `workers` at once and `waiting` behind them; who comes then is sent away."""

    def __init__(self, workers: int, waiting: int) -> None:
        self._pool = ThreadPoolExecutor(workers, "question")
        self._workers, self._room = workers, workers + waiting
        self._inside = 0

    @property
    def inside(self) -> int:
        """How many are asked or wait."""
        return self._inside

    def refuse_if_full(self) -> None:
        """Raises ServiceBusy where too many wait."""
        if self._inside >= self._room:
            raise ServiceBusy(f"{self._inside} requests are being answered or waiting; try again")

    async def run(self, task: Callable[Given, T], *args: Given.args, **kwargs: Given.kwargs) -> T:
        """What `task` returns. Raises ServiceBusy where too many wait, and what `task` raises."""
        self.refuse_if_full()
        return await self._put(partial(task, *args, **kwargs))

    async def run_in_turn(
        self, task: Callable[Given, T], *args: Given.args, **kwargs: Given.kwargs
    ) -> T:
        """`run`, for one of many questions of a batch: it waits until there is room."""
        while self._inside >= self._workers:
            await asyncio.sleep(0.005)
        return await self._put(partial(task, *args, **kwargs))

    async def _put(self, task: Callable[[], T]) -> T:
        loop = asyncio.get_running_loop()
        self._inside += 1
        future = self._pool.submit(task)
        future.add_done_callback(partial(self._left, loop))
        return await asyncio.wrap_future(future)

    def _left(self, loop: asyncio.AbstractEventLoop, _: Future[Any]) -> None:
        loop.call_soon_threadsafe(self._out)

    def _out(self) -> None:
        self._inside -= 1

    def close(self) -> None:
        """Wait for those who are at work."""
        self._pool.shutdown(wait=True, cancel_futures=True)
