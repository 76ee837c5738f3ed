"""The application: endpoints behind the gate."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from sigsearch import __version__
from sigsearch.server.answers import BatchLine, ProblemDetails
from sigsearch.server.api.accounts import accounts
from sigsearch.server.api.health import health, measured
from sigsearch.server.api.kept import kept
from sigsearch.server.api.questions import questions
from sigsearch.server.api.tasks import tasks
from sigsearch.server.api.writers import writers
from sigsearch.server.gate import Gate
from sigsearch.server.jobs.runner import Runner
from sigsearch.server.problems import tell_problems
from sigsearch.server.service import Service

API = (writers, questions, kept, accounts, tasks, measured, health)


def application(service: Service) -> ASGIApp:
    """The whole of it, for any ASGI server; `service` is stopped when that stops."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        runner = Runner(service)
        runner.start()
        yield
        runner.stop()
        service.stop()

    app = FastAPI(lifespan=lifespan, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.state.service = service
    for router in API:
        app.include_router(router)
    tell_problems(app)
    _describe(app)
    whole = WithDesk(app, service)
    return Gate(
        whole, service.settings, service.ring, service.limit, service.metrics, service.log
    )  # fmt: skip


class WithDesk:
    """The desk is made when somebody comes to it, so that programs are answered sooner."""

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self._app, self._service = app, service
        self._desk: asyncio.Task[ASGIApp] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self._app
        if scope["type"] == "http" and scope["path"].startswith("/desk/"):
            if self._desk is None:
                self._desk = asyncio.create_task(asyncio.to_thread(_desk, self._service))
            app = await asyncio.shield(self._desk)
        await app(scope, receive, send)


def _desk(service: Service) -> ASGIApp:
    from sigsearch.server.desk.desk import desk

    return desk(service)


def _describe(app: FastAPI) -> None:
    """/openapi.json with what cannot be told by types, and /docs made from it."""

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = _whole().openapi()
            parts = document.setdefault("components", {})
            parts["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
            for kind in (ProblemDetails, BatchLine):
                parts.setdefault("schemas", {}).update(_schemas_of(kind))
            for path, methods in document["paths"].items():
                for endpoint in methods.values():
                    if path.startswith(("/v1/", "/metrics")):
                        endpoint["security"] = [{"key": []}]
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = described  # type: ignore[method-assign]

    @app.get("/docs", include_in_schema=False)
    async def docs() -> Response:
        """The endpoints for people."""
        from sigsearch.server.pages import environment

        style = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
        page = environment().get_template("docs.html").render(api=app.openapi())
        return HTMLResponse(page, headers={"Content-Security-Policy": style})


def _whole() -> FastAPI:
    """All endpoints, to be described."""
    told = FastAPI(
        title="sigsearch",
        version=__version__,
        description="Who signed this, and is it truly theirs?",
    )
    for router in API:
        told.include_router(router.described())
    return told


def _schemas_of(kind: type) -> dict[str, Any]:
    from pydantic import TypeAdapter

    found = TypeAdapter(kind).json_schema(ref_template="#/components/schemas/{model}")
    return {**found.pop("$defs", {}), kind.__name__: found}
