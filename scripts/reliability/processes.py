"""Processes forked from one that has imported everything: live handles, and whole commands.

Forking saves a second a process; the parent itself never opens an index.
"""

from __future__ import annotations

import faulthandler
import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from handle import serve

from sigsearch.cli import main as sigsearch

LONGEST = 120.0  # seconds after which a process hangs


class Hangs(Exception):
    """A process did not come to its end, or to its answer."""


class Forked:
    """A child process that runs `work` and ends with the code that it returns."""

    def __init__(self, work: Callable[[], int], said: Path) -> None:
        """What the child says goes to the file `said`."""
        self.said = said
        said.write_bytes(b"")  # there to be read even if the child is interrupted at once
        self.code: int | None = None
        sys.stdout.flush()
        # An interrupt waits until the child is where it can answer it; in the midst of a fork it
        # would send the child on into its parent's work.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        self.pid = os.fork()
        if self.pid == 0:
            self._run(work)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})

    def send(self, number: int) -> None:
        if self.code is None:
            os.kill(self.pid, number)

    def stopped(self) -> bool:
        """Whether the child suspended itself, rather than end; raises Hangs if it does neither."""
        status = self._waited(os.WUNTRACED)
        if os.WIFSTOPPED(status):
            return True
        self.code = os.waitstatus_to_exitcode(status)
        return False

    def wait(self) -> int:
        """How it ended; raises Hangs if it does not."""
        if self.code is None:
            self.code = os.waitstatus_to_exitcode(self._waited(0))
        return self.code

    def hangs(self) -> Hangs:
        """The child is ended; what is raised tells where it was."""
        self.send(signal.SIGABRT)  # which makes it write its stacks
        self.send(signal.SIGCONT)
        time.sleep(1.0)
        self.send(signal.SIGKILL)
        return Hangs(f"{self.said.name}: {self.said.read_text()[-4000:]}")

    def _waited(self, options: int) -> int:
        """The status that the child comes to within `LONGEST` seconds."""
        deadline = time.monotonic() + LONGEST
        while time.monotonic() < deadline:
            pid, status = os.waitpid(self.pid, options | os.WNOHANG)
            if pid:
                return status
            time.sleep(0.002)
        raise self.hangs()

    def _run(self, work: Callable[[], int]) -> None:
        code = 99
        try:
            signal.signal(signal.SIGINT, signal.default_int_handler)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
            descriptor = os.open(self.said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
            os.dup2(descriptor, 1)
            os.dup2(descriptor, 2)
            faulthandler.enable()
            code = work()
        except KeyboardInterrupt:  # before the command took care of it
            code = 130
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)


class Command(Forked):
    """`sigsearch WORDS`, in a process of its own."""

    def __init__(self, words: list[object], said: Path, before: Callable[[], None] | None = None):
        self.words = [str(word) for word in words]
        self._before = before
        super().__init__(self._work, said)

    def _work(self) -> int:
        if self._before:
            self._before()
        sys.argv = ["sigsearch", *self.words]
        try:
            sigsearch()
        except SystemExit as end:
            return int(end.code or 0)
        return 0


class Live(Forked):
    """A process with a handle of its own (`handle.py`)."""

    def __init__(self, path: Path, said: Path) -> None:
        mine, theirs = os.pipe(), os.pipe()

        def work() -> int:
            os.close(mine[1])
            os.close(theirs[0])
            with open(mine[0]) as source, open(theirs[1], "w") as sink:
                serve(path, source, sink)
            return 0

        super().__init__(work, said)
        os.close(mine[0])
        os.close(theirs[1])
        self._ask = mine[1]
        self._hear = open(theirs[0])  # noqa: SIM115 - open as long as the process
        self.answer()

    def tell(self, *words: object) -> None:
        with suppress(BrokenPipeError):  # it was killed, and will not answer
            os.write(self._ask, (json.dumps(words) + "\n").encode())

    def answer(self) -> dict[str, Any]:
        """What the last word came to; `{"refused": "killed"}` of one that was killed."""
        from select import select

        if not select([self._hear], [], [], LONGEST)[0]:
            raise self.hangs()
        line = self._hear.readline()
        if not line:
            self.wait()
            return {"refused": "killed", "why": self.said.read_text()[-2000:]}
        answer: dict[str, Any] = json.loads(line)
        return answer

    def end(self) -> None:
        self.send(signal.SIGKILL)
        self.wait()
        os.close(self._ask)
        self._hear.close()


def suspended_export(path: Path, out: Path, said: Path) -> Command:
    """`sigsearch index export`, which suspends itself in the middle of its read."""

    def suspend_at_first_rows() -> None:
        from pyarrow.parquet import ParquetWriter

        write = ParquetWriter.write_table

        def stopping(*given: Any, **named: Any) -> None:
            ParquetWriter.write_table = write
            os.kill(os.getpid(), signal.SIGSTOP)
            write(*given, **named)

        ParquetWriter.write_table = stopping

    return Command(["index", "export", out, "-i", path], said, suspend_at_first_rows)
