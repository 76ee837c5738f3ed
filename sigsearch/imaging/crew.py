"""Work done in processes of one's own. Threads share one interpreter, which reading keeps busy for
a part of the time; where there are many images, a process a core reads more.

They are started when they pay, bounded to one thread each, and end with whoever started them. Only
what these processes write to one another is unpickled.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from types import TracebackType
from typing import Any, TypeVar

from sigsearch.errors import ReaderLost
from sigsearch.imaging.ahead import cores

R = TypeVar("R")

SPARED = 96
"""Calls that are answered by the caller's own thread: as many take about as long as a start."""
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_ENDED = "nobody waits for this any more"
_CHILD = "import sys; sys.path[:] = sys.argv[1:]; from sigsearch.imaging.crew import main; main()"


class Crew:
    """Processes that call functions, one call at a time each; as many callers as there are `hands`
    (0 = a core each) are served at once."""

    def __init__(self, hands: int = 0, spared: int = SPARED) -> None:
        self.hands = hands or cores()
        self._spared = spared if self.hands > 1 and sys.executable else sys.maxsize
        self._lock = threading.Lock()
        self._free: SimpleQueue[_Hand] = SimpleQueue()
        self._hired: list[_Hand] = []
        self._closed = False

    def __enter__(self) -> Crew:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self.close()

    def close(self) -> None:
        """End the processes; nobody may call any more."""
        with self._lock:
            self._closed = True
            for hand in self._hired:
                hand.dismiss()

    def call(self, work: Callable[..., R], *args: Any) -> R:
        """`work(*args)`, both of which can be pickled, and what it returns or raises.

        Raises ReaderLost where the process was killed, and so was the next one that tried.
        """
        with self._lock:
            if self._closed:
                raise ReaderLost(_ENDED)
            own = self._spared > 0
            self._spared -= own
            if not own and not self._hired:
                self._hired = [_Hand() for _ in range(self.hands)]
                for hand in self._hired:
                    self._free.put(hand)
        return work(*args) if own else self._handed(work, args)

    def _handed(self, work: Callable[..., R], args: tuple[Any, ...]) -> R:
        hand = self._free.get()
        try:
            done, answer = self._asked_twice(hand, work, args)
        finally:
            self._free.put(hand)
        if not done:
            raise answer
        result: R = answer
        return result

    def _asked_twice(
        self, hand: _Hand, work: Callable[..., Any], args: tuple[Any, ...]
    ) -> tuple[bool, Any]:
        for _ in range(2):
            with suppress(EOFError, OSError, ValueError, pickle.UnpicklingError):
                return hand.asked(work, args)
            with self._lock:
                if self._closed:
                    raise ReaderLost(_ENDED)
                hand.replace()
        raise ReaderLost(
            "the process that read this was killed twice; it may need more memory than is available"
        )


class _Hand:
    """One process, reached by pipes."""

    def __init__(self) -> None:
        self._start()

    def _start(self) -> None:
        # The same modules as here, and nothing from the folder that the program was started in
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-c", _CHILD, *sys.path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **dict.fromkeys(_ONE_THREAD, "1")},
            start_new_session=True,  # Ctrl-C is for the one who started it
        )

    def asked(self, work: Callable[..., Any], args: tuple[Any, ...]) -> tuple[bool, Any]:
        """Whether it was done, and the result or the error. Raises EOFError and the like where the
        process is gone."""
        given, answers = self._process.stdin, self._process.stdout
        assert given is not None
        assert answers is not None
        given.write(pickle.dumps((work, args), pickle.HIGHEST_PROTOCOL))
        given.flush()
        answer: tuple[bool, Any] = pickle.load(answers)
        return answer

    def replace(self) -> None:
        self.dismiss()
        self._start()

    def dismiss(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                if pipe is not None:
                    pipe.close()


def main() -> None:
    """Serve whoever started this process, until they close their end."""
    given, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    with suppress(OSError):
        os.dup2(2, 1)  # what libraries print is no answer
    while True:
        try:
            work, args = pickle.load(given)
        except EOFError:
            return
        try:
            told: tuple[bool, Any] = (True, work(*args))
        except Exception as fault:
            told = (False, fault)
        with suppress(BrokenPipeError):
            answers.write(pickle.dumps(told, pickle.HIGHEST_PROTOCOL))
            answers.flush()
