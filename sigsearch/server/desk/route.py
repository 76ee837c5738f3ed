"""How pages of the desk are answered: who is signed in, forms of our own only, safe headers."""

from __future__ import annotations

import hmac
from asyncio import to_thread
from collections.abc import Callable
from functools import partial
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form, Request
from fastapi.routing import APIRoute
from starlette.responses import HTMLResponse, RedirectResponse, Response

from sigsearch.errors import FormRefused, NotAllowed, SigsearchError
from sigsearch.server.desk.messages import LANGUAGES, preferred, said
from sigsearch.server.desk.wording import Wording
from sigsearch.server.pages import environment
from sigsearch.server.problems import Problem
from sigsearch.server.service import service_of
from sigsearch.server.state.sessions import Session
from sigsearch.server.tenants import Tenant

COOKIE, LANGUAGE = "sigsearch_desk", "sigsearch_language"
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


class DeskRoute(APIRoute):
    """A page for whoever is signed in and has one of the roles; else the way to sign in. What goes
    wrong is told on a page."""

    def get_route_handler(self) -> Callable[[Request], Any]:
        answer, roles = super().get_route_handler(), getattr(self.endpoint, "roles", None)

        async def guarded(request: Request) -> Response:
            session = await to_thread(session_of, request)
            request.state.session = session
            if roles is not None and session is None:
                return redirect(f"/desk/sign-in?next={quote(request.scope['path'], safe='')}")
            try:
                _refuse_foreign(request)
                if session is not None and roles and not any(map(session.key.may, roles)):
                    raise NotAllowed(f"this page needs a key with the role {' or '.join(roles)}")
                response: Response = await answer(request)
            except SigsearchError as fault:
                problem = Problem.of(fault)
                return page(request, "problem.html", int(problem["status"]), problem=problem)
            return response

        return guarded


def desk_router() -> APIRouter:
    return APIRouter(
        prefix="/desk", route_class=DeskRoute, include_in_schema=False, redirect_slashes=False
    )


def session_of(request: Request) -> Session | None:
    """Whose session the cookie names."""
    token = request.cookies.get(COOKIE)
    return service_of(request).state.sessions.find(token) if token else None


def _refuse_foreign(request: Request) -> None:
    """A form that another site sends is refused before it is read. Raises FormRefused."""
    if request.method != "POST":
        return
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise FormRefused("this form was sent from another site")


async def _signed_in(request: Request) -> Session:
    session = request.state.session
    assert isinstance(session, Session)  # the route has seen to it
    return session


Signed = Annotated[Session, Depends(_signed_in)]


async def _own_form(session: Signed, csrf: Annotated[str, Form()] = "") -> None:
    if not hmac.compare_digest(csrf.encode(), session.csrf.encode()):
        raise FormRefused("this form has expired, or is not from this desk; load the page again")


OwnForm = Annotated[None, Depends(_own_form)]
"""A form that this session was given."""


def _desk_tenant(request: Request, session: Signed) -> Tenant:
    return service_of(request).of(session.key)


DeskTenant = Annotated[Tenant, Depends(_desk_tenant)]


def page(request: Request, template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """A page of the desk in the language of who asks."""
    language = preferred(request.cookies.get(LANGUAGE), request.headers.get("accept-language", ""))
    session: Session | None = getattr(request.state, "session", None)
    text = environment().get_template(f"desk/{template}").render(
        _=partial(said, language), told=Wording(language), language=language,
        languages=LANGUAGES, session=session, here=request.scope["path"], **values,
    )  # fmt: skip
    return HTMLResponse(text, status, headers={"Content-Security-Policy": _POLICY})


def picture_of(data: bytes) -> Response:
    """A PNG of a document or a case, which only its reader may keep for a while."""
    return Response(data, media_type="image/png", headers={"Cache-Control": "private, max-age=600"})


def redirect(place: str) -> RedirectResponse:
    return RedirectResponse(place, 303)


def inside(place: str) -> str:
    """Only ways within the desk."""
    fine = place.startswith("/desk/") and place.isascii() and place.isprintable()
    return place if fine and "\\" not in place else "/desk/"
