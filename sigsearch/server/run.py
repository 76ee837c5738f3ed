"""The server process: uvicorn around the application."""

from __future__ import annotations

import asyncio
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from sigsearch.server.app import application
from sigsearch.server.service import Service
from sigsearch.server.settings import Settings

_STOP_SECONDS = 30
_MOST_CONNECTIONS = 512
_BACKLOG = 256


def protocol(seconds: float) -> type[H11Protocol]:
    """HTTP that hangs up on a client who does not send the head of a request in time."""

    class Impatient(H11Protocol):
        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            self._patience = asyncio.get_running_loop().call_later(seconds, self._look)

        def _look(self) -> None:
            if self.cycle is None and not self.transport.is_closing():
                self.transport.close()

        def connection_lost(self, exc: Exception | None) -> None:
            self._patience.cancel()
            super().connection_lost(exc)

    return Impatient


def server(service: Service, settings: Settings, host: str, port: int) -> uvicorn.Server:
    """Ready to run; it stops in order on SIGTERM and SIGINT, answering what it has begun."""
    config = uvicorn.Config(
        application(service), host=host, port=port, log_config=None, access_log=False,
        http=protocol(settings.head_seconds), ws="none", lifespan="on", server_header=False,
        proxy_headers=False, timeout_keep_alive=15, timeout_graceful_shutdown=_STOP_SECONDS,
        limit_concurrency=_MOST_CONNECTIONS, backlog=_BACKLOG, h11_max_incomplete_event_size=65536,
    )  # fmt: skip
    return uvicorn.Server(config)
