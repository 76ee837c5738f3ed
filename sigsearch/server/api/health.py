"""Whether the service lives, is ready, and how it does."""

from __future__ import annotations

from starlette.responses import PlainTextResponse, Response

from sigsearch.server.access import Caller, GuardedRoute, needs
from sigsearch.server.answers import Health
from sigsearch.server.api.documented import DescribedRouter, problems, told
from sigsearch.server.problems import Problem
from sigsearch.server.service import Served
from sigsearch.server.settings import DEFAULT_TENANT

health = DescribedRouter()
measured = DescribedRouter(route_class=GuardedRoute)


@health.get("/health/live", response_model=Health)
async def live() -> Response:
    """The process answers."""
    return told(Health("alive"))


@health.get("/health/ready", response_model=Health, responses={503: problems()[503]})
def ready(service: Served) -> Response:
    """The index and the state can be read."""
    try:
        service.tenants.open(DEFAULT_TENANT).index.state()
        if service.state.answers():
            return told(Health("ready"))
    except Exception as fault:
        service.log.fault("not_ready", fault)
    return Problem.made(503, "not_ready", "the index or the state cannot be read").response()


@measured.get("/metrics", response_class=PlainTextResponse, responses=problems())
@needs("audit")
async def metrics(service: Served, caller: Caller) -> Response:
    """Metrics in the text format of Prometheus."""
    service.metrics.at_work.set(service.work.inside)
    return Response(service.metrics.text(), media_type="text/plain; version=0.0.4")
