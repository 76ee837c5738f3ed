"""The pages for enrolment and for looking over what was enrolled and decided."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from datetime import datetime
from itertools import islice
from typing import Annotated, Any

from fastapi import File, Form, Request, UploadFile
from starlette.responses import Response

from sigsearch.audit.findings import Audit
from sigsearch.audit.index_audit import audit_index
from sigsearch.engine.enrolment import Specimen
from sigsearch.errors import RequestRefused
from sigsearch.server.access import needs
from sigsearch.server.desk.route import DeskTenant, OwnForm, Signed, desk_router, page
from sigsearch.server.service import Served, Service
from sigsearch.server.tenants import Tenant
from sigsearch.server.uploads import UPLOADED, Upload

enrolling = desk_router()
_LISTED, _ENTRIES = 500, 200


@enrolling.get("/enrol")
@needs("enrol")
async def show(request: Request, service: Served, session: Signed, tenant: DeskTenant) -> Response:
    return await _page(request, service, tenant)


async def _page(
    request: Request, service: Served, tenant: Tenant, status: int = 200, **more: Any
) -> Response:
    writers = await service.work.run(lambda: list(islice(tenant.index.writers(), _LISTED)))
    told: dict[str, Any] = {"report": None, "writer": "", **more}
    return page(request, "enrol.html", status, writers=writers, **told)


@enrolling.post("/enrol")
@needs("enrol")
async def enrol(
    request: Request,
    service: Served,
    session: Signed,
    tenant: DeskTenant,
    own: OwnForm,
    images: Annotated[list[UploadFile], File()],
    writer: Annotated[str, Form(max_length=400)] = "",
) -> Response:
    if not writer.strip():
        raise RequestRefused("give the writer's name")
    given = [await Upload.read(file) for file in images]
    specimens = [Specimen(writer.strip(), one.data, {}, UPLOADED + one.name) for one in given]
    report, _ = await service.work.run(tenant.enrol, session.key.person, specimens, True)
    return await _page(request, service, tenant, report=report, writer=writer.strip())


@enrolling.get("/audit")
@needs("audit")
async def log(request: Request, service: Served, session: Signed, tenant: DeskTenant) -> Response:
    entries = await service.work.run(_entries, service, tenant, session.key.person)
    return page(request, "audit.html", entries=entries, found=None)


@enrolling.post("/audit")
@needs("audit")
async def look_over(
    request: Request, service: Served, session: Signed, tenant: DeskTenant, own: OwnForm
) -> Response:
    found = await service.work.run(_audit, tenant, session.key.person)
    entries = await service.work.run(_entries, service, tenant, session.key.person)
    return page(request, "audit.html", entries=entries, found=found)


def _audit(tenant: Tenant, person: str) -> Audit:
    return audit_index(tenant.asked_by(person))[0]


def _entries(service: Service, tenant: Tenant, person: str) -> Sequence[dict[str, Any]]:
    """The last of the decision log, newest first, with the names of who is still enrolled; without
    the machine's answers about writers on whom this person may still be asked."""
    hidden = _to_be_judged(service, tenant, person)
    last = deque(tenant.index.decisions(), _ENTRIES)
    told = []
    for one in reversed(last):
        names = tenant.index.names(list(one.writers))
        writers = [name or "?" for name in names]
        if one.event in ("verify", "identify", "mandate"):
            outcome = None if hidden & set(writers) else one.facts.get("verdict")
        else:
            outcome = one.facts.get("opinion") or one.facts.get("decision")
        told.append({
            "number": one.number, "at": datetime.fromisoformat(one.at), "event": one.event,
            "writers": writers[:3], "outcome": outcome or "", "by": one.facts.get("by", ""),
            "case": one.facts.get("case", ""),
        })  # fmt: skip
    return told


def _to_be_judged(service: Service, tenant: Tenant, person: str) -> set[str]:
    if not service.own_opinion_first(tenant.name):
        return set()
    held = service.state.cases.queue(tenant.name)
    return {one.writer for one in held if one.state == "open" and not one.has_opinion_of(person)}
