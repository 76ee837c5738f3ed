"""Signing in with the organisation's account: there, and back with a code (OpenID Connect)."""

from __future__ import annotations

import hmac
import secrets
from asyncio import to_thread
from urllib.parse import quote, unquote

from fastapi import Request
from starlette.responses import Response

from sigsearch.errors import EvidenceUnknown, NotSignedIn
from sigsearch.server.desk.route import desk_router, inside, page, redirect
from sigsearch.server.desk.sign_in import count_try, remember
from sigsearch.server.oidc.guests import Guests
from sigsearch.server.service import Served, Service

vouched = desk_router()
_COOKIE, _SECONDS = "sigsearch_sign_in", 600


@vouched.get("/oidc")
async def send_there(request: Request, service: Served, next: str = "/desk/") -> Response:
    guests = _guests(service)
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    reply = redirect(await to_thread(guests.way, state, nonce, verifier))
    # Lax, since the provider's page leads back here.
    reply.set_cookie(
        _COOKIE, ".".join((state, nonce, verifier, quote(inside(next), safe=""))),
        max_age=_SECONDS, path="/desk/oidc", httponly=True, samesite="lax", secure=guests.over_tls,
    )  # fmt: skip
    return reply


@vouched.get("/oidc/back")
async def come_back(
    request: Request,
    service: Served,
    code: str = "",
    state: str = "",
    error: str = "",
    iss: str | None = None,
) -> Response:
    guests = _guests(service)
    count_try(request)
    begun = request.cookies.get(_COOKIE, "").split(".", 3)
    if len(begun) != 4 or not hmac.compare_digest(begun[0].encode(), state.encode()):
        raise NotSignedIn("this sign-in has expired, or was not started here; sign in again")
    if not guests.is_ours(iss):
        raise NotSignedIn("the answer is not from the provider you signed in with")
    if error or not code:
        raise NotSignedIn(f"the provider refused the sign-in: {error[:100] or 'no code'}")
    _, nonce, verifier, next = begun
    entry = await to_thread(guests.at_desk, code, verifier, nonce)
    # A page that leads on, and no redirect: with one, the session's strict cookie would not be
    # sent, for the way began at the provider's.
    reply = page(request, "signed_in.html", next=inside(unquote(next)))
    await to_thread(remember, reply, service, entry, guests.over_tls)
    reply.delete_cookie(_COOKIE, path="/desk/oidc")
    return reply


def _guests(service: Service) -> Guests:
    if service.guests is None or not service.guests.have_desk:
        raise EvidenceUnknown("there is no such page")
    return service.guests
