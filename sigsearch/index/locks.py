"""Who may write, and who may look while the furniture is moved."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from sigsearch.errors import IndexBusy
from sigsearch.index.files import named_faults


class _Passing:
    """A passage through a gate. Every search goes through three, so it is no generator."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    def __enter__(self) -> None:
        self._gate.enter()

    def __exit__(self, *_: object) -> None:
        self._gate.leave()


class Gate:
    """Many may pass at once (`shared`), or one alone (`exclusive`). Not re-entrant."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._condition = threading.Condition(self._lock)
        self._inside = 0
        self._waiting = 0
        self._alone = False
        self._passing = _Passing(self)

    def shared(self) -> _Passing:
        return self._passing

    def enter(self) -> None:
        with self._lock:
            while self._alone or self._waiting:
                self._condition.wait()
            self._inside += 1

    def leave(self) -> None:
        with self._lock:
            self._inside -= 1
            if self._waiting:
                self._condition.notify_all()

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        with self._condition:
            self._waiting += 1
            try:
                while self._alone or self._inside:
                    self._condition.wait()
                self._alone = True
            finally:
                self._waiting -= 1
        try:
            yield
        finally:
            with self._condition:
                self._alone = False
                self._condition.notify_all()


class WriterLock:
    """One writer at a time among all threads and processes; the kernel frees it on a crash."""

    def __init__(self, path: Path, doing: str = "written") -> None:
        """`doing` says in the message to others what the holder does with the index."""
        self.path = path
        self._doing = doing
        self._thread = threading.RLock()
        self._depth = 0
        self._descriptor = -1

    @contextmanager
    def held(self, wait: float) -> Iterator[None]:
        """Hold the lock, after at most `wait` seconds of waiting.

        Raises:
            IndexBusy: another writer holds it; names its process.
        """
        if not self._thread.acquire(timeout=wait):
            raise IndexBusy(f"another thread is writing to {self.path.parent}; try again later")
        try:
            if self._depth == 0:
                self._descriptor = self._acquire(time.monotonic() + wait)
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1
                if self._depth == 0:
                    os.close(self._descriptor)
        finally:
            self._thread.release()

    def _acquire(self, deadline: float) -> int:
        with named_faults(self.path):
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644)
        while not _try_lock(descriptor):
            if time.monotonic() >= deadline:
                os.close(descriptor)
                raise IndexBusy(
                    f"{self.path.parent} is being {self._doing} by another process "
                    f"({self._holder()}); wait for it to end and try again"
                )
            time.sleep(0.02)
        with suppress(OSError):  # the note is for people; on a full disk there is none
            os.ftruncate(descriptor, 0)
            os.write(descriptor, json.dumps({"pid": os.getpid()}).encode())
        return descriptor

    def _holder(self) -> str:
        try:
            return f"process {json.loads(self.path.read_text())['pid']}"
        except (OSError, ValueError, KeyError):
            return "its number is not known"


def hold(path: Path) -> BinaryIO:
    """Mark a file as in use for as long as the returned object is open."""
    file = open(path, "rb")  # noqa: SIM115 - the caller keeps it
    _try_lock(file.fileno(), shared=True)
    return file


def in_use(path: Path) -> bool:
    """Whether anybody `hold`s a file."""
    with open(path, "rb") as file:
        return not _try_lock(file.fileno())


if sys.platform == "win32":
    import msvcrt

    def _try_lock(descriptor: int, shared: bool = False) -> bool:
        if shared:  # Windows itself keeps mapped files from being replaced
            return True
        try:
            os.lseek(descriptor, 1 << 40, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
else:
    import fcntl

    def _try_lock(descriptor: int, shared: bool = False) -> bool:
        kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
