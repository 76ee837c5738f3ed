"""The thread that tells the other services again and again that this one is alive."""

from __future__ import annotations

import threading

from sigsearch.server.state.services import ALIVE_SECONDS, ServiceBook
from sigsearch.server.telemetry import Log


class Pulse:
    def __init__(self, services: ServiceBook, log: Log) -> None:
        self._services, self._log = services, log
        self._stop = threading.Event()
        services.begin()
        self._thread = threading.Thread(target=self._beat, name="pulse", daemon=True)
        if services.are_several:
            self._thread.start()

    def stop(self) -> None:
        """What this service had begun and not ended is another's from now on."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
        self._services.end()

    def _beat(self) -> None:
        while not self._stop.wait(ALIVE_SECONDS / 6):
            try:
                self._services.renew()
            except Exception as fault:  # the database may come back
                self._log.fault("pulse", fault)
