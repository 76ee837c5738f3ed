"""What every request passes before anything of its body is read: the key, how often it asks, how
much it sends and how fast; and what is told of it afterwards."""

from __future__ import annotations

import asyncio
import math
import secrets
import time
from collections.abc import MutableMapping
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sigsearch.errors import (
    BodyTooLarge,
    BodyTooSlow,
    MediaRefused,
    NotSignedIn,
    RequestRefused,
    SigsearchError,
    TooManyRequests,
)
from sigsearch.server.access import KeyRing
from sigsearch.server.problems import Problem
from sigsearch.server.rate import Limit
from sigsearch.server.settings import MIB, Settings
from sigsearch.server.telemetry import Log, Metrics

SAFE = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
}
"""Headers of every answer that does not set its own."""
_KEYED = ("/v1/", "/metrics")
_UPLOADS = "/v1/jobs"
_PATIENCE, _UNREAD = 0.5, MIB  # seconds, bytes: of a request that is refused
_ONCE = ("authorization", "content-length", "content-type")
_Headers = MutableMapping[str, str]


class Gate:
    def __init__(
        self,
        app: ASGIApp,
        settings: Settings,
        ring: KeyRing,
        limit: Limit,
        metrics: Metrics,
        log: Log,
    ) -> None:
        self._app, self._settings, self._ring = app, settings, ring
        self._metrics, self._log = metrics, log
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await _Passage(self, scope, receive, send).go()

    async def look_at(self, scope: Scope, headers: _Headers) -> int:
        """Let a request in, and how many bytes it may have. Raises what refuses it."""
        # Routed as it was sent, so that a slash in a name is none between two parts.
        scope["path"] = scope["raw_path"].decode("latin-1")
        if scope["path"].startswith(_KEYED):
            await self._identify(scope, headers)
        most = self._settings.most_body
        if scope["path"] == _UPLOADS:
            most = self._settings.most_upload
        if headers.get("content-encoding", "identity").lower() != "identity":
            raise MediaRefused("compressed requests are not accepted; send the files as they are")
        if "content-length" in headers and "transfer-encoding" in headers:
            raise RequestRefused("give Content-Length or Transfer-Encoding, not both")
        length = headers.get("content-length", "0")
        if not (length.isascii() and length.isdecimal()):
            raise RequestRefused("Content-Length is not a number")
        if int(length) > most:
            raise too_large(most)
        return most

    async def _identify(self, scope: Scope, headers: _Headers) -> None:
        scheme, _, key = headers.get("authorization", "").partition(" ")
        if scheme and scheme.lower() != "bearer":
            raise NotSignedIn("give a key: Authorization: Bearer sgs_...")
        entry = await self._ring.caller(key.strip())
        scope.setdefault("state", {})["caller"] = entry
        if wait := await self._limit.wait_for(entry.id):
            fault = TooManyRequests(f"this key sends too many requests; wait {wait:.1f} seconds")
            fault.retry_after = math.ceil(wait)  # type: ignore[attr-defined]
            raise fault

    @property
    def body_seconds(self) -> float:
        return self._settings.body_seconds

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)

    def told(self, scope: Scope, status: int, seconds: float, received: int) -> None:
        route = getattr(scope.get("route"), "path", "-")
        method = scope["method"] if scope["method"].isalpha() else "-"
        self._metrics.requests.labels(method[:8], route, status).inc()
        self._metrics.seconds.labels(route).observe(seconds)
        caller = scope.get("state", {}).get("caller")
        facts: dict[str, Any] = {"tenant": caller.tenant, "key": caller.id} if caller else {}
        if self._log.names:
            facts["path"] = scope["path"]
            facts |= {"person": caller.person} if caller else {}
        self._log.tell(
            "request", id=scope["state"]["request_id"], method=method[:8], route=route,
            status=status, ms=round(1000 * seconds, 1), bytes=received, **facts,
        )  # fmt: skip

    def failed(self, scope: Scope, fault: Exception) -> None:
        self._log.fault("bug", fault, id=scope["state"]["request_id"])


class _Passage:
    """One request on its way."""

    def __init__(self, gate: Gate, scope: Scope, receive: Receive, send: Send) -> None:
        self.gate, self.scope, self._receive, self._send = gate, scope, receive, send
        self.begun = time.monotonic()
        self.received, self.most, self.status = 0, 0, 0
        self.whole = False
        scope.setdefault("state", {})["request_id"] = secrets.token_hex(8)

    async def go(self) -> None:
        try:
            self.most = await self.gate.look_at(self.scope, _headers(self.scope))
            await self.gate.answer(self.scope, self.receive, self.send)
        except SigsearchError as fault:
            await self._refuse(fault)
        except Exception as fault:  # answered already as an internal error
            self.gate.failed(self.scope, fault)
            if not self.status:
                raise
        finally:
            seconds = time.monotonic() - self.begun
            self.gate.told(self.scope, self.status, seconds, self.received)

    async def _refuse(self, fault: SigsearchError) -> None:
        if self.status:
            return
        after = getattr(fault, "retry_after", None)
        headers = {"Retry_After": str(after)} if after else {}
        await Problem.of(fault).response(**headers)(self.scope, self._receive, self.send)

    async def _listen_out(self) -> None:
        """Let a client who is refused send a little more, unread: who is hung up on while sending
        never sees the answer."""
        until, most = time.monotonic() + _PATIENCE, self.received + _UNREAD
        while not self.whole and self.received < most:
            try:
                left = max(until - time.monotonic(), 0.001)
                message = await asyncio.wait_for(self._receive(), left)
            except asyncio.TimeoutError:
                return
            if message["type"] != "http.request":
                return
            self.received += len(message.get("body", b""))
            self.whole = not message.get("more_body", False)

    @property
    def _sends(self) -> bool:
        """Whether the request has a body."""
        names = {name.lower() for name, _ in self.scope["headers"]}
        return bool(names & {b"content-length", b"transfer-encoding"})

    async def receive(self) -> Message:
        """A part of the body, within the limits. Raises BodyTooLarge or BodyTooSlow."""
        left = self.gate.body_seconds - (time.monotonic() - self.begun)
        if self.status:  # all that may still come is that the client goes away
            return await self._receive()
        try:
            message = await asyncio.wait_for(self._receive(), max(left, 0.01))
        except asyncio.TimeoutError:
            raise BodyTooSlow(
                f"the request did not arrive within {self.gate.body_seconds:g} seconds"
            ) from None
        self.received += len(message.get("body", b""))
        self.whole |= not message.get("more_body", False)
        if self.received > self.most:
            raise too_large(self.most)
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            if not self.whole and self._sends:
                await self._listen_out()
            self.status = message["status"]
            given = {name.lower() for name, _ in message.get("headers", ())}
            safe = [(k.encode(), v.encode()) for k, v in SAFE.items() if k.encode() not in given]
            number = (b"x-request-id", self.scope["state"]["request_id"].encode())
            # What was not read of a request must not be taken for the next one.
            end = [] if self.whole or b"connection" in given else [(b"connection", b"close")]
            message["headers"] = [*message.get("headers", ()), *safe, number, *end * self._sends]
        await self._send(message)


def too_large(most: int) -> BodyTooLarge:
    return BodyTooLarge(f"the request is over the limit of {most / MIB:g} MiB; send less at once")


def _headers(scope: Scope) -> dict[str, str]:
    """Raises RequestRefused for a header that must not come twice."""
    found: dict[str, str] = {}
    for raw, value in scope["headers"]:
        name = raw.decode("latin-1").lower()
        if name in found and name in _ONCE:
            raise RequestRefused(f"the header {name} was sent twice")
        found[name] = value.decode("latin-1")
    return found
