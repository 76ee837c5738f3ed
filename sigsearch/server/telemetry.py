"""What the service tells of itself: metrics, and a log without names and signatures."""

from __future__ import annotations

import json
import sys
import threading
import traceback
from datetime import datetime, timezone
from typing import Any, TextIO

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """In the text format of Prometheus; `route` is the pattern of an address, never the address."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        labels = ("method", "route", "status")
        self.requests = Counter(
            "sigsearch_requests", "Requests answered", labels, registry=self._registry
        )
        self.seconds = Histogram(
            "sigsearch_request_seconds", "Time to answer", ("route",),
            buckets=_SECONDS, registry=self._registry,
        )  # fmt: skip
        self.batches = Histogram(
            "sigsearch_batch_size", "Images encoded together", buckets=(1, 2, 4, 8, 16, 32),
            registry=self._registry,
        )  # fmt: skip
        self.at_work = Gauge(
            "sigsearch_at_work", "Requests being answered or waiting", registry=self._registry
        )

    def text(self) -> bytes:
        return generate_latest(self._registry)


class Log:
    """One JSON object a line."""

    def __init__(self, stream: TextIO | None = None, names: bool = False) -> None:
        self.names = names
        self._stream = stream or sys.stderr
        self._lock = threading.Lock()

    def tell(self, event: str, **facts: Any) -> None:
        at = datetime.now(timezone.utc).isoformat(timespec="milliseconds")
        line = json.dumps({"at": at, "event": event, **facts}, ensure_ascii=True)
        with self._lock:
            self._stream.write(line + "\n")
            self._stream.flush()

    def fault(self, event: str, fault: BaseException, **facts: Any) -> None:
        """Where it came from; what it says only where names may be told."""
        frames = traceback.extract_tb(fault.__traceback__)[-8:]
        place = [f"{one.filename}:{one.lineno} {one.name}" for one in frames]
        told = {"message": str(fault)} if self.names else {}
        self.tell(event, error=type(fault).__name__, at_frames=place, **told, **facts)
