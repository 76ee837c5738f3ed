"""The queue, and a case with the opinions of people and, afterwards, the machine's answer."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Annotated

from fastapi import Form, Request
from starlette.responses import Response

from sigsearch.errors import CaseRefused
from sigsearch.server.access import needs
from sigsearch.server.api.kept import SHEET_POLICY, drawn
from sigsearch.server.desk.route import (
    DeskTenant,
    OwnForm,
    Signed,
    desk_router,
    page,
    picture_of,
    redirect,
)
from sigsearch.server.service import Served, Service
from sigsearch.server.state.cases import Case, Opinion, OpinionWord
from sigsearch.server.state.evidence import Piece
from sigsearch.server.state.sessions import Session
from sigsearch.server.tenants import Tenant

judging = desk_router()
REASONS = (
    "letter forms", "proportions", "slant", "baseline", "connecting strokes", "beginnings and ends",
    "line quality", "pen lifts", "spacing", "image quality", "too few references",
)  # fmt: skip
_MOST_REMARK = 2000
_REASON_KEYS = "abcdefghijk"


@judging.get("/")
@needs("decide")
def queue(request: Request, service: Served, session: Signed, tenant: DeskTenant) -> Response:
    held = service.state.cases.queue(tenant.name)
    left = service.state.documents.without_case(tenant.name)
    return page(
        request, "queue.html", cases=held, documents=left, now=time.time(), me=session.key.person
    )


@judging.post("/next")
@needs("decide")
def take_next(
    request: Request, service: Served, session: Signed, tenant: DeskTenant, own: OwnForm
) -> Response:
    """The next case, or a document of one's own of which none is made yet."""
    me = session.key.person
    number = service.state.cases.next(tenant.name, me)
    if number is not None:
        return redirect(f"/desk/cases/{number}")
    mine = (one for one in service.state.documents.without_case(tenant.name) if one.person == me)
    left = next(mine, None)
    return redirect("/desk/" if left is None else f"/desk/documents/{left.id}")


@judging.get("/cases/{id}")
@needs("decide")
def show(
    request: Request, id: str, service: Served, session: Signed, tenant: DeskTenant
) -> Response:
    cases, me = service.state.cases, session.key.person
    case = cases.find(tenant.name, id)
    mine = case.state == "open" and not case.has_opinion_of(me)
    may = mine and cases.lease(tenant.name, id, me)
    return page(
        request, "case.html", case=case, me=me, may_judge=may,
        reasons=list(zip(_REASON_KEYS, REASONS, strict=True)),
        sees_answer=_sees_answer(service, session, case), now=time.time(),
    )  # fmt: skip


def _sees_answer(service: Service, session: Session, case: Case) -> bool:
    """The machine's answer would lead the eye; so it is shown to who has looked already."""
    looked = case.state == "decided" or case.has_opinion_of(session.key.person)
    return looked or not service.own_opinion_first(case.tenant)


@judging.get("/cases/{id}/pictures/{number}")
@needs("decide")
def picture(
    request: Request, id: str, number: int, service: Served, session: Signed, tenant: DeskTenant
) -> Response:
    case = service.state.cases.find(tenant.name, id)
    return picture_of(service.state.documents.image(case.id, number))


@judging.post("/cases/{id}/lease")
@needs("decide")
def hold(
    request: Request, id: str, service: Served, session: Signed, tenant: DeskTenant, own: OwnForm
) -> Response:
    """Held longer by who is still at it."""
    held = service.state.cases.lease(tenant.name, id, session.key.person)
    return Response(status_code=204 if held else 409)


@judging.post("/cases/{id}/release")
@needs("decide")
def put_back(
    request: Request, id: str, service: Served, session: Signed, tenant: DeskTenant, own: OwnForm
) -> Response:
    service.state.cases.release(tenant.name, id, session.key.person)
    return redirect("/desk/")


@judging.post("/cases/{id}")
@needs("decide")
async def judge(
    request: Request,
    id: str,
    service: Served,
    session: Signed,
    tenant: DeskTenant,
    own: OwnForm,
    opinion: Annotated[OpinionWord, Form()],
    reason: Annotated[list[str] | None, Form()] = None,
    remark: Annotated[str, Form(max_length=_MOST_REMARK)] = "",
) -> Response:
    chosen = tuple(one for one in REASONS if one in (reason or ()))
    given = Opinion(id, session.key.person, opinion, chosen, remark.strip(), False, time.time())
    await service.work.run(_given, service, session, tenant, given)
    return redirect(f"/desk/cases/{id}")


def _given(service: Service, session: Session, tenant: Tenant, given: Opinion) -> None:
    """Kept, and on record in the decision log."""
    saw = _sees_answer(service, session, service.state.cases.find(tenant.name, given.case))
    given = replace(given, saw_answer=saw)
    if given.opinion != "match" and not given.reasons and not given.remark:
        raise CaseRefused("give a reason")
    case = service.state.cases.give(tenant.name, given)
    if not service.settings.log:
        return
    facts = {
        "case": case.id, "by": given.person, "opinion": given.opinion,
        "reasons": list(given.reasons), "saw_answer": given.saw_answer,
    }  # fmt: skip
    tenant.index.note("opinion", facts, [case.writer])
    if case.decision is not None:
        people = [one.person for one in case.opinions]
        facts = {"case": case.id, "decision": case.decision, "by": ", ".join(people)}
        tenant.index.note("decision", facts, [case.writer])


@judging.get("/cases/{id}/sheet")
@needs("decide")
async def sheet(
    request: Request,
    id: str,
    service: Served,
    session: Signed,
    tenant: DeskTenant,
    format: str = "html",
) -> Response:
    """The evidence sheet, for who may see the machine's answer."""
    piece = await service.work.run(_piece, service, session, tenant, id)
    if format == "pdf":
        file = await service.work.run(drawn, tenant, piece, "pdf")
        return Response(file, media_type="application/pdf")
    text = await service.work.run(drawn, tenant, piece, "html")
    return Response(text, media_type="text/html",
                    headers={"Content-Security-Policy": SHEET_POLICY})  # fmt: skip


def _piece(service: Service, session: Session, tenant: Tenant, number: str) -> Piece:
    case = service.state.cases.find(tenant.name, number)
    if not _sees_answer(service, session, case) or case.evidence is None:
        raise CaseRefused("give your opinion first")
    return service.state.evidence.find(tenant.name, case.evidence)
