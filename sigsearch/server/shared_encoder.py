"""One encoder for all requests: what waits at the same time is encoded in one batch.

Nobody waits for company: a core that is free takes all that is there.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from queue import Empty, SimpleQueue

import numpy as np

from sigsearch.arrays import Bytes
from sigsearch.encoder import Embeddings, Encoder

_MOST = 16  # canvases a batch
Told = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class _Waiting:
    canvases: Bytes
    found: Future[Embeddings]


class SharedEncoder(Encoder):
    """An encoder whose batches are put together across threads. `tell`: of the size of each."""

    def __init__(self, encoder: Encoder, threads: int, tell: Told = lambda size: None) -> None:
        super().__init__(encoder.card, encoder.folder, None, threads)
        self._encoder = encoder
        self._tell = tell
        self._queue: SimpleQueue[_Waiting | None] = SimpleQueue()
        self._crew = [
            threading.Thread(target=self._work, name=f"encoder-{n}", daemon=True)
            for n in range(threads)
        ]
        for one in self._crew:
            one.start()

    def embed_canvases(self, canvases: Bytes) -> Embeddings:
        waiting = _Waiting(canvases, Future())
        self._queue.put(waiting)
        return waiting.found.result()

    def close(self) -> None:
        for _ in self._crew:
            self._queue.put(None)
        for one in self._crew:
            one.join()

    def _work(self) -> None:
        while (first := self._queue.get()) is not None:
            batch, size = [first], len(first.canvases)
            while size < _MOST:
                try:
                    one = self._queue.get_nowait()
                except Empty:
                    break
                if one is None:  # for another of the crew
                    self._queue.put(None)
                    break
                batch.append(one)
                size += len(one.canvases)
            self._encode(batch)
            self._tell(size)

    def _encode(self, batch: list[_Waiting]) -> None:
        try:
            whole = np.concatenate([one.canvases for one in batch])
            found, at = self._encoder.embed_canvases(whole), 0
        except BaseException as fault:
            for one in batch:
                one.found.set_exception(fault)
            return
        for one in batch:
            one.found.set_result(found[slice(at, at + len(one.canvases))])
            at += len(one.canvases)
