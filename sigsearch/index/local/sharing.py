"""One environment per folder and process: LMDB forbids opening a file twice."""

from __future__ import annotations

import os
import threading
from pathlib import Path

from sigsearch.index.local.environment import Environment
from sigsearch.schema import Sync

_SHARED: dict[str, Environment] = {}
_SHARED_LOCK = threading.Lock()


def _make_lock_anew() -> None:
    global _SHARED_LOCK
    _SHARED_LOCK = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_make_lock_anew)


def share(root: Path, sync: Sync, *, scattered: bool = False) -> Environment:
    """The environment of a folder: LMDB forbids opening one twice in a process.

    Whoever opens it first says whether reads will be `scattered`.
    """
    with _SHARED_LOCK:
        key = os.path.realpath(root)
        environment = _SHARED.get(key)
        if environment is None:
            environment = _SHARED[key] = Environment(Path(key), scattered)
        environment.require(sync)
        environment.users += 1
        return environment


def release(environment: Environment) -> None:
    """Give back what `share` lent; the last one closes it."""
    with _SHARED_LOCK:
        environment.users -= 1
        if environment.users == 0:
            _SHARED.pop(os.fspath(environment.root), None)
            environment.close()
