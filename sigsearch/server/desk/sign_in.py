"""Signing in by key, out again, and the language."""

from __future__ import annotations

from asyncio import to_thread
from typing import Annotated

from fastapi import Form, Request
from starlette.responses import Response

from sigsearch.errors import NotSignedIn, TooManyRequests
from sigsearch.server.access import needs
from sigsearch.server.desk.messages import LANGUAGES
from sigsearch.server.desk.route import (
    COOKIE,
    LANGUAGE,
    OwnForm,
    Signed,
    desk_router,
    inside,
    page,
    redirect,
)
from sigsearch.server.rate import RateLimit
from sigsearch.server.service import Served, Service
from sigsearch.server.state.keys import KeyEntry
from sigsearch.server.state.sessions import SECONDS

sign_in = desk_router()
_TRIES = RateLimit(1.0, 20)


@sign_in.get("/sign-in")
async def ask_for_key(request: Request, service: Served, next: str = "/desk/") -> Response:
    return _asked(request, service, next)


@sign_in.post("/sign-in")
async def take_key(
    request: Request,
    service: Served,
    key: Annotated[str, Form(max_length=200)] = "",
    next: Annotated[str, Form(max_length=400)] = "/desk/",
) -> Response:
    count_try(request)
    try:
        entry = await service.ring.caller(key.strip())
    except NotSignedIn:
        return _asked(request, service, next, 401, wrong=True)
    reply = redirect(inside(next))
    await to_thread(remember, reply, service, entry, request.url.scheme == "https")
    return reply


def _asked(
    request: Request, service: Service, next: str, status: int = 200, wrong: bool = False
) -> Response:
    vouched = service.guests is not None and service.guests.have_desk
    return page(request, "sign_in.html", status, next=inside(next), wrong=wrong, vouched=vouched)


def count_try(request: Request) -> None:
    """Raises TooManyRequests for who tries very often."""
    if _TRIES.wait(request.client.host if request.client else ""):
        raise TooManyRequests("too many attempts; wait a little")


def remember(reply: Response, service: Service, entry: KeyEntry, secure: bool) -> None:
    """Begin a session, which the cookie of `reply` names."""
    reply.set_cookie(
        COOKIE, service.state.sessions.begin(entry), max_age=SECONDS, path="/desk", httponly=True,
        samesite="strict", secure=secure,
    )  # fmt: skip


@sign_in.post("/sign-out")
@needs("enrol", "ask", "decide", "audit")
def sign_out(request: Request, service: Served, session: Signed, own: OwnForm) -> Response:
    service.state.sessions.end(request.cookies[COOKIE])
    reply = redirect("/desk/sign-in")
    reply.delete_cookie(COOKIE, path="/desk")
    return reply


@sign_in.get("/language/{name}")
async def choose_language(name: str, next: str = "/desk/") -> Response:
    reply = redirect(inside(next))
    if name in LANGUAGES:
        reply.set_cookie(LANGUAGE, name, max_age=365 * 86400, path="/desk", samesite="strict")
    return reply
