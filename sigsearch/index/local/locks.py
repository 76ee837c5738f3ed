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

from sigsearch.errors import IndexBusy, IndexReadOnly
from sigsearch.index.local.files import named_faults
from sigsearch.index.local.folder import open_plain
from sigsearch.index.local.forking import mind


class Gate:
    """Many may pass at once (`with gate:`), or one alone (`exclusive`). Not re-entrant.

    Who is inside is known by its thread: one that an interrupt threw out on the threshold does
    not bar itself, and is not counted twice when it comes again.
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Begin anew, in a child whose parent had other threads inside."""
        self._lock = threading.Lock()
        self._condition = threading.Condition(self._lock)
        self._inside: set[int] = set()
        self._waiting: set[int] = set()
        self._alone: int | None = None

    def taken(self) -> bool:
        """Whether somebody is alone inside."""
        return self._alone is not None

    def busy(self) -> bool:
        """Whether anybody is inside."""
        return self.taken() or bool(self._inside)

    def shut(self, patience: float) -> bool:
        """Keep everybody out until `open`, unless this takes too long or is done by one inside."""
        me, deadline = threading.get_ident(), time.monotonic() + patience
        with self._lock:
            if me in self._inside or self._alone == me:
                return False
            self._waiting.add(me)
            while self.busy() and time.monotonic() < deadline:
                self._condition.wait(max(0.0, deadline - time.monotonic()))
            self._waiting.discard(me)
            if self.busy():
                self._condition.notify_all()
                return False
            self._alone = me
            return True

    def open(self) -> None:
        """Let everybody in again."""
        with self._lock:
            self._alone = None
            self._condition.notify_all()

    def __enter__(self) -> None:
        me = threading.get_ident()
        with self._lock:
            if self._alone == me:  # left by an interrupt
                self._alone = None
            while self._alone is not None or self._waiting:
                self._condition.wait()
            self._inside.add(me)

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._inside.discard(threading.get_ident())
            if self._waiting:
                self._condition.notify_all()

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        me = threading.get_ident()
        try:
            with self._lock:
                self._waiting.add(me)
                while self._alone not in (None, me) or self._inside - {me}:
                    self._condition.wait()
                self._waiting.discard(me)
                self._alone = me
            yield
        finally:
            with self._lock:
                self._waiting.discard(me)
                if self._alone == me:
                    self._alone = None
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
        mind(self)

    def before_fork(self, patience: float) -> None:
        """The parent keeps what it holds, however long."""

    def after_fork_in_parent(self) -> None:
        """The parent keeps what it holds."""

    def after_fork_in_child(self) -> None:
        """What the parent holds is not held by the child."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
        self._thread, self._depth, self._descriptor = threading.RLock(), 0, -1

    @contextmanager
    def held(self, wait: float) -> Iterator[None]:
        """Hold the lock, after at most `wait` seconds of waiting.

        Raises:
            IndexBusy: another writer holds it; names its process.
        """
        thread = self._thread  # another one in a child that is forked inside
        if not thread.acquire(timeout=wait):
            raise IndexBusy(f"another thread is writing to {self.path.parent}; try again later")
        depth = self._depth  # put back at the end, whatever an interrupt left
        try:
            if depth == 0:
                self._acquire(time.monotonic() + wait)
            self._depth = depth + 1
            yield
        finally:
            self._depth = depth
            if depth == 0:
                self._let_go()
            thread.release()

    def is_held(self) -> bool:
        """Whether this process holds it."""
        return self._descriptor >= 0

    def _acquire(self, deadline: float) -> None:
        self._let_go()  # of what an interrupt left
        with named_faults(self.path):
            self._descriptor = open_plain(self.path, os.O_RDWR | os.O_CREAT)
        while not _try_lock(self._descriptor):
            if time.monotonic() >= deadline:
                raise IndexBusy(
                    f"{self.path.parent} is being {self._doing} by another process "
                    f"({self._holder()}); wait for it to end and try again"
                )
            time.sleep(0.02)
        if os.fstat(self._descriptor).st_nlink > 1:
            return  # it has another name elsewhere, where it may mean something else
        with suppress(OSError):  # the note is for people; on a full disk there is none
            os.ftruncate(self._descriptor, 0)
            os.write(self._descriptor, json.dumps({"pid": os.getpid()}).encode())

    def _let_go(self) -> None:
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            _unlock(descriptor)  # a child may have got a copy of it at an awkward moment
            os.close(descriptor)

    def _holder(self) -> str:
        try:
            os.lseek(self._descriptor, 0, os.SEEK_SET)
            return f"process {json.loads(os.read(self._descriptor, 100))['pid']}"
        except (OSError, ValueError, KeyError, TypeError):
            return "its number is not known"


@contextmanager
def writers_out(path: Path, wait: float) -> Iterator[None]:
    """Keep everybody from the writer lock at `path` for a moment, with no right to write there.

    Raises:
        IndexBusy: a writer is at work. IndexReadOnly: not even that can be done.
    """
    try:
        descriptor = open_plain(path, os.O_RDONLY)
    except OSError as error:
        raise IndexReadOnly(
            f"{path.parent} cannot be read without the right to write its lock.mdb or to read "
            f"{path.name} ({error.strerror}): a writer could change what is being read; let its "
            "owner give one of these rights, or read a copy of your own"
        ) from error
    try:
        deadline = time.monotonic() + wait
        while not _try_lock(descriptor, shared=True):
            if time.monotonic() >= deadline:
                raise IndexBusy(f"{path.parent} is being written by another process; try again")
            time.sleep(0.005)
        yield
    finally:
        os.close(descriptor)


def hold(path: Path) -> BinaryIO:
    """Mark a file as in use for as long as the returned object is open."""
    file = open(open_plain(path, os.O_RDONLY), "rb")  # noqa: SIM115 - the caller keeps it
    _try_lock(file.fileno(), shared=True)
    return file


def in_use(descriptor: int) -> bool:
    """Whether anybody `hold`s an open file."""
    return not _try_lock(descriptor)


if sys.platform == "win32":
    import msvcrt

    def _unlock(descriptor: int) -> None:
        """Closing does it."""

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

    def _unlock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)

    def _try_lock(descriptor: int, shared: bool = False) -> bool:
        kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
