"""Signing in by key, out again, and the language."""

from __future__ import annotations

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
    page,
    redirect,
)
from sigsearch.server.rate import RateLimit
from sigsearch.server.service import Served
from sigsearch.server.state.sessions import SECONDS

sign_in = desk_router()
_TRIES = RateLimit(1.0, 20)


@sign_in.get("/sign-in")
async def ask_for_key(request: Request, next: str = "/desk/") -> Response:
    return page(request, "sign_in.html", next=_inside(next), wrong=False)


@sign_in.post("/sign-in")
async def take_key(
    request: Request,
    service: Served,
    key: Annotated[str, Form(max_length=200)] = "",
    next: Annotated[str, Form(max_length=400)] = "/desk/",
) -> Response:
    if _TRIES.wait(request.client.host if request.client else ""):
        raise TooManyRequests("too many tries; wait a little")
    try:
        entry = service.ring.caller(key.strip())
    except NotSignedIn:
        return page(request, "sign_in.html", 401, next=_inside(next), wrong=True)
    reply = redirect(_inside(next))
    reply.set_cookie(
        COOKIE, service.state.sessions.begin(entry), max_age=SECONDS, path="/desk", httponly=True,
        samesite="strict", secure=request.url.scheme == "https",
    )  # fmt: skip
    return reply


@sign_in.post("/sign-out")
@needs("enrol", "ask", "decide", "audit")
async def sign_out(request: Request, service: Served, session: Signed, own: OwnForm) -> Response:
    service.state.sessions.end(request.cookies[COOKIE])
    reply = redirect("/desk/sign-in")
    reply.delete_cookie(COOKIE, path="/desk")
    return reply


@sign_in.get("/language/{name}")
async def choose_language(name: str, next: str = "/desk/") -> Response:
    reply = redirect(_inside(next))
    if name in LANGUAGES:
        reply.set_cookie(LANGUAGE, name, max_age=365 * 86400, path="/desk", samesite="strict")
    return reply


def _inside(place: str) -> str:
    """Only ways within the desk."""
    fine = place.startswith("/desk/") and place.isascii() and place.isprintable()
    return place if fine and "\\" not in place else "/desk/"
