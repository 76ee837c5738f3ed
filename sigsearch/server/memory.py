"""How the C library gives out memory to the threads of a service."""

from __future__ import annotations

import ctypes
import sys

_M_ARENA_MAX, _HEAPS = -8, 2


def share_heaps() -> bool:
    """Has all threads share two heaps; whether the C library could be told so (glibc can).

    Else each thread gets one of its own, and what a question needed for a moment stays in all of
    them: a third more memory after a hundred questions.
    """
    if sys.platform != "linux":
        return False
    told = getattr(ctypes.CDLL(None), "mallopt", None)
    return told is not None and bool(told(_M_ARENA_MAX, _HEAPS))
