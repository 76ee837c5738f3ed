"""One address and one key, a connection for each thread."""

from __future__ import annotations

import http.client
import json
import ssl
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from sigsearch import errors
from sigsearch.client.forms import Form, body_of
from sigsearch.client.revival import fault_of

_TRIES = 4
_BUSY = (429, 503)


class Transport:
    def __init__(self, address: str, key: str, timeout: float) -> None:
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise errors.ArgumentRefused(f"{address!r} is not an address such as http://HOST:PORT")
        self._host, self._port = parts.hostname, parts.port
        self._secure, self._timeout = parts.scheme == "https", timeout
        self._key, self._local = key, threading.local()
        self._address = address.rstrip("/")

    def close(self) -> None:
        """The connection of this thread; it is made again when it is needed."""
        if held := self._local.__dict__.pop("held", None):
            held.close()

    def json(self, method: str, place: str, content: Form | dict[str, Any] | None = None) -> Any:
        status, body = self.ask(method, place, content)
        document = json.loads(body) if body else None
        if status >= 400:
            raise fault_of(document)
        return document

    def ask(
        self,
        method: str,
        place: str,
        content: Form | dict[str, Any] | None = None,
        more: Mapping[str, str] | None = None,
    ) -> tuple[int, bytes]:
        """Status and body. Where the service is busy it is asked again, as often as makes sense."""
        body, headers = body_of(content)
        headers |= {"Authorization": f"Bearer {self._key}", **(more or {})}
        for left in reversed(range(_TRIES)):
            try:
                reply = self._sent(method, place, body, headers)
                data = reply.read()
            except (OSError, http.client.HTTPException) as fault:
                self.close()
                # What was sent may have been done; only what can be done twice is sent again.
                if left and method != "DELETE":
                    continue
                raise errors.ServiceFault(f"{self._address}: no answer ({fault})") from None
            if reply.status not in _BUSY or not left:
                return reply.status, data
            time.sleep(min(float(reply.headers.get("Retry-After", 1)), 30))
        raise AssertionError

    def _sent(
        self, method: str, place: str, body: bytes | None, headers: Mapping[str, str]
    ) -> http.client.HTTPResponse:
        held: http.client.HTTPConnection | None = getattr(self._local, "held", None)
        if held is None:
            where = (self._host, self._port)
            if self._secure:
                safe = ssl.create_default_context()
                held = http.client.HTTPSConnection(*where, timeout=self._timeout, context=safe)
            else:
                held = http.client.HTTPConnection(*where, timeout=self._timeout)
            self._local.held = held
        with suppress(BrokenPipeError):  # refused before all was sent: the answer says why
            held.request(method, place, body, dict(headers))
        return held.getresponse()
