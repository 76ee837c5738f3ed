"""Ctrl-C, also where a module that is being imported turns it into another error."""

from __future__ import annotations

import signal
import sys
import threading
from types import FrameType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

_AGAIN = 0.05  # seconds until a stop that was swallowed is asked for once more
_stopped = False
_before: Any = None


def listen() -> None:
    """From now on Ctrl-C raises KeyboardInterrupt, and is not forgotten if that is swallowed."""
    global _before
    if threading.current_thread() is threading.main_thread():
        _before = signal.signal(signal.SIGINT, _stop)
        sys.unraisablehook = _unraisable


def leave() -> None:
    """All is done: from now on Ctrl-C does what it did before `listen`."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, _before or signal.SIG_DFL)
        sys.unraisablehook = sys.__unraisablehook__


def was_stopped() -> bool:
    """Whether Ctrl-C was pressed."""
    return _stopped


def _stop(number: int, frame: FrameType | None) -> None:
    global _stopped
    _stopped = True
    raise KeyboardInterrupt


def _ask_again() -> None:
    if hasattr(signal, "pthread_kill"):  # which wakes the main thread as well
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
    else:
        signal.raise_signal(signal.SIGINT)


def _unraisable(told: UnraisableHookArgs) -> None:
    """Where nothing can be raised, such as in a destructor, stop a little later."""
    if isinstance(told.exc_value, KeyboardInterrupt):
        again = threading.Timer(_AGAIN, _ask_again)
        again.daemon = True
        again.start()
    else:
        sys.__unraisablehook__(told)
