"""How often a key may ask: a bucket that fills at a steady rate."""

from __future__ import annotations

import time
from asyncio import to_thread
from collections import OrderedDict
from typing import Protocol

from sigsearch.server.state.buckets import BucketBook

_KEPT_SECONDS = 1.0
_MOST = 10_000  # buckets kept; the oldest go first


class RateLimit:
    def __init__(self, rate: float, burst: int) -> None:
        self._rate, self._burst = rate, float(burst)
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, key: str) -> float:
        """Seconds until `key` may ask; 0: now, and that is counted."""
        now = time.monotonic()
        held, at = self._buckets.pop(key, (self._burst, now))
        held = min(self._burst, held + (now - at) * self._rate)
        wait = 0.0 if held >= 1 else (1 - held) / self._rate
        self._buckets[key] = (held - 1 if not wait else held, now)
        if len(self._buckets) > _MOST:
            self._buckets.popitem(last=False)
        return wait


class Limit(Protocol):
    """Of one service, or of several together."""

    async def wait_for(self, key: str) -> float:
        """Seconds until `key` may ask; 0: now, and that is counted."""


class OwnLimit:
    def __init__(self, rate: float, burst: int) -> None:
        self._limit = RateLimit(rate, burst)

    async def wait_for(self, key: str) -> float:
        return self._limit.wait(key)


class SharedLimit:
    """Takes a few requests at a time out of the bucket that all services share, so that not each
    one asks the database."""

    def __init__(self, buckets: BucketBook, rate: float, burst: int) -> None:
        self._buckets, self._rate, self._burst = buckets, rate, burst
        self._some = max(1, min(8, burst // 8))
        self._taken: dict[str, tuple[float, float]] = {}

    async def wait_for(self, key: str) -> float:
        if not self._have(key):
            got = await to_thread(self._buckets.take, key, self._some, self._rate, self._burst)
            if got < 1:
                return (1 - got) / self._rate
            self._taken[key] = self._have(key) + got, time.monotonic() + _KEPT_SECONDS
        self._taken[key] = self._taken[key][0] - 1, self._taken[key][1]
        return 0.0

    def _have(self, key: str) -> float:
        """Of those taken before, which lapse if nobody asks."""
        left, until = self._taken.get(key, (0.0, 0.0))
        return left if time.monotonic() < until else 0.0
