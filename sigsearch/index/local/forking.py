"""What a fork must leave whole, in the parent and in the child: locks, open stores, FAISS.

A child has one thread, the one that forked. It must neither use nor close what its parent had
open in LMDB: closing would take the parent's readers out of the table that both share. So stores
are closed before a fork, and opened again by whoever needs them. Locks that other threads held
are made anew in the child, and the writer lock stays the parent's.
"""

from __future__ import annotations

import os
import sys
import threading
import time
import weakref
from typing import Protocol

_PATIENCE = 5.0  # seconds that a fork waits for reads and writes of other threads to end


class Forkable(Protocol):
    """Something that has to be told of forks."""

    def before_fork(self, patience: float) -> None: ...

    def after_fork_in_parent(self) -> None: ...

    def after_fork_in_child(self) -> None: ...


_MINDED: weakref.WeakSet[Forkable] = weakref.WeakSet()
_ONE_AT_A_TIME = threading.Lock()
_TOLD: list[Forkable] = []


def mind(one: Forkable) -> None:
    """Tell this object of every fork for as long as it lives."""
    _MINDED.add(one)


def _before() -> None:
    _ONE_AT_A_TIME.acquire()
    deadline = time.monotonic() + _PATIENCE
    _TOLD[:] = list(_MINDED)
    for one in _TOLD:
        one.before_fork(max(0.0, deadline - time.monotonic()))


def _after_in_parent() -> None:
    for one in _TOLD:
        one.after_fork_in_parent()
    _TOLD.clear()
    _ONE_AT_A_TIME.release()


def _after_in_child() -> None:
    global _ONE_AT_A_TIME
    _ONE_AT_A_TIME = threading.Lock()
    _TOLD.clear()
    for one in list(_MINDED):
        one.after_fork_in_child()
    if "faiss" in sys.modules:  # the threads of its pool did not come along
        sys.modules["faiss"].omp_set_num_threads(1)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_before, after_in_parent=_after_in_parent, after_in_child=_after_in_child
    )
