"""The application: endpoints behind the gate."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp

from sigsearch import __version__
from sigsearch.server.answers import BatchLine, ProblemDetails
from sigsearch.server.api.accounts import accounts
from sigsearch.server.api.health import health, measured
from sigsearch.server.api.kept import kept
from sigsearch.server.api.questions import questions
from sigsearch.server.api.tasks import tasks
from sigsearch.server.api.writers import writers
from sigsearch.server.desk.enrolling import enrolling
from sigsearch.server.desk.files import files
from sigsearch.server.desk.judging import judging
from sigsearch.server.desk.put import put
from sigsearch.server.desk.sign_in import sign_in
from sigsearch.server.desk.vouched import vouched
from sigsearch.server.gate import Gate
from sigsearch.server.jobs.runner import Runner
from sigsearch.server.problems import tell_problems
from sigsearch.server.service import Service


def application(service: Service) -> ASGIApp:
    """The whole of it, for any ASGI server; `service` is stopped when that stops."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        runner = Runner(service)
        runner.start()
        yield
        runner.stop()
        service.stop()

    app = FastAPI(
        title="sigsearch", version=__version__, lifespan=lifespan, docs_url=None, redoc_url=None,
        description="Who signed this, and is it truly theirs?", redirect_slashes=False,
    )  # fmt: skip
    app.state.service = service
    for router in (
        writers,
        questions,
        kept,
        accounts,
        tasks,
        measured,
        health,
        sign_in,
        vouched,
        judging,
        put,
        enrolling,
        files,
    ):
        app.include_router(router)
    tell_problems(app)
    _describe(app)
    return Gate(
        app, service.settings, service.ring, service.limit, service.metrics, service.log
    )  # fmt: skip


def _describe(app: FastAPI) -> None:
    """/openapi.json with what cannot be told by types, and /docs made from it."""
    plain = app.openapi

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = plain()
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


def _schemas_of(kind: type) -> dict[str, Any]:
    from pydantic import TypeAdapter

    found = TypeAdapter(kind).json_schema(ref_template="#/components/schemas/{model}")
    return {**found.pop("$defs", {}), kind.__name__: found}
