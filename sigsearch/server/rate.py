"""How often a key may ask: a bucket that fills at a steady rate."""

from __future__ import annotations

import time
from collections import OrderedDict

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
