"""Who asks, and what they may do."""

from __future__ import annotations

import time
from asyncio import to_thread
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request, params
from fastapi.routing import APIRoute
from starlette.responses import Response

from sigsearch.errors import MediaRefused, NotAllowed, NotSignedIn
from sigsearch.server.oidc.guests import Guests
from sigsearch.server.oidc.tokens import looks_like_token
from sigsearch.server.state.keys import KeyBook, KeyEntry, Role

_TRUSTED_SECONDS = 1.0  # a key that was revoked works for so long
_MOST = 1024
Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])
_FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")
_JSON = ("application/json",)


class KeyRing:
    """Looks keys up, those of the last second at no cost."""

    def __init__(self, book: KeyBook, guests: Guests | None = None) -> None:
        self._book, self._guests = book, guests
        self._seen: dict[str, tuple[KeyEntry, float]] = {}

    async def caller(self, whole: str | None) -> KeyEntry:
        """Raises NotSignedIn; for a provider's token also NotAllowed or ProviderFault."""
        if not whole:
            raise NotSignedIn("give a key: Authorization: Bearer sgs_...")
        now = time.monotonic()
        known = self._seen.get(whole)
        if known is not None and now - known[1] < _TRUSTED_SECONDS:
            return known[0]
        self._seen.pop(whole, None)
        if self._guests is not None and looks_like_token(whole):
            entry = await to_thread(self._guests.bearer, whole)
        else:
            entry = await to_thread(self._known, whole)
        if len(self._seen) >= _MOST:
            self._seen.clear()
        self._seen[whole] = entry, now
        return entry

    def _known(self, whole: str) -> KeyEntry:
        entry = self._book.find(whole)
        if entry is None:
            raise NotSignedIn("this key is not known, or was revoked")
        return entry


def needs(*roles: Role) -> Callable[[Endpoint], Endpoint]:
    """An endpoint for whoever has one of these roles."""

    def marked(endpoint: Endpoint) -> Endpoint:
        endpoint.roles = roles  # type: ignore[attr-defined]
        return endpoint

    return marked


class GuardedRoute(APIRoute):
    """A route that looks at the caller's roles and the content's type before it reads a body."""

    def get_route_handler(self) -> Callable[[Request], Any]:
        answer, roles = super().get_route_handler(), getattr(self.endpoint, "roles", ())
        kinds = _taken(self)

        async def guarded(request: Request) -> Response:
            entry = caller_of(request)
            if not any(map(entry.may, roles)):
                raise NotAllowed(f"this needs a key with the role {' or '.join(roles)}")
            if kinds:
                kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
                if kind not in kinds:
                    raise MediaRefused(f"send the request as {kinds[0]}")
            response: Response = await answer(request)
            return response

        return guarded


def _taken(route: APIRoute) -> tuple[str, ...]:
    """The types of content that a route takes; none where it takes none."""
    if route.body_field is None:
        return ()
    return _FORMS if isinstance(route.body_field.field_info, params.Form) else _JSON


def caller_of(request: Request) -> KeyEntry:
    """Whom the gate let in. Raises NotSignedIn."""
    entry = getattr(request.state, "caller", None)
    if not isinstance(entry, KeyEntry):
        raise NotSignedIn("give a key: Authorization: Bearer sgs_...")
    return entry


async def _caller(request: Request) -> KeyEntry:
    return caller_of(request)


Caller = Annotated[KeyEntry, Depends(_caller)]
