"""A document is put down, what was found on it is shown, and a case is made of a signature."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Form, Request, UploadFile
from starlette.responses import Response

from sigsearch.engine.accounts import accounts_of
from sigsearch.engine.amounts import amount_of
from sigsearch.engine.judge import Rates
from sigsearch.errors import ArgumentRefused
from sigsearch.server import asking
from sigsearch.server.access import needs
from sigsearch.server.asking import Asking, Search
from sigsearch.server.desk.route import (
    DeskTenant,
    OwnForm,
    Signed,
    desk_router,
    page,
    picture_of,
    redirect,
)
from sigsearch.server.desk.taking import Taken, is_list, looked_at, opened, split, take_in
from sigsearch.server.service import Served, Service
from sigsearch.server.state.documents import Put
from sigsearch.server.tenants import Tenant
from sigsearch.server.uploads import Place, Upload

put = desk_router()
_MOST_NAMES = 2000


@put.get("/new")
@needs("decide")
async def new(request: Request, session: Signed) -> Response:
    return page(request, "new.html")


@put.post("/documents")
@needs("decide")
async def put_down(
    request: Request,
    service: Served,
    session: Signed,
    tenant: DeskTenant,
    own: OwnForm,
    image: list[UploadFile],
) -> Response:
    """One document is shown; of several it is told what became of each."""
    given = [await Upload.read(file) for file in image]
    if len(given) == 1 and not is_list(given[0]):
        number = await service.work.run(looked_at, service, session.key, given[0])
        return redirect(f"/desk/documents/{number}")
    taken = await _taken(service, session, tenant, given)
    return page(request, "taken.html", taken=taken)


@put.post("/documents/one")
@needs("decide")
async def put_down_one(
    request: Request,
    service: Served,
    session: Signed,
    tenant: DeskTenant,
    own: OwnForm,
    image: list[UploadFile],
) -> Response:
    """A row of what became of one of several, for the script that sends them in turn."""
    given = [await Upload.read(file) for file in image]
    taken = await _taken(service, session, tenant, given)
    return page(request, "taken_rows.html", taken=taken)


async def _taken(
    service: Served, session: Signed, tenant: DeskTenant, given: list[Upload]
) -> list[Taken]:
    """What became of each of several documents."""
    asked = Asking(service, session.key)
    said, rest = await service.work.run(split, given)
    return [await service.work.run(take_in, asked, tenant, one, said) for one in rest]


@put.get("/documents/{id}")
@needs("decide")
async def show(
    request: Request, id: str, service: Served, session: Signed, tenant: DeskTenant
) -> Response:
    kept = await service.work.run(service.state.documents.find, tenant.name, id)
    return await _shown(request, service, tenant, kept)


async def _shown(
    request: Request, service: Service, tenant: Tenant, kept: Put, **more: Any
) -> Response:
    names = await service.work.run(_names, tenant)
    told: dict[str, Any] = {"mandate": None, "search": None, "chosen": "", **more}
    told.setdefault("writer", kept.writer or "")
    return page(
        request, "document.html", document=kept, names=names,
        accounts=list(accounts_of(tenant.index)), **told,
    )  # fmt: skip


def _names(tenant: Tenant) -> list[str]:
    from itertools import islice

    return [one.name for one in islice(tenant.index.writers(), _MOST_NAMES)]


@put.get("/documents/{id}/pages/{number}")
@needs("decide")
def picture(
    request: Request, id: str, number: int, service: Served, session: Signed, tenant: DeskTenant
) -> Response:
    kept = service.state.documents.find(tenant.name, id)
    if number < 1:
        raise ArgumentRefused("pages are numbered from 1")
    return picture_of(service.state.documents.image(kept.id, number))


@put.post("/documents/{id}/drop")
@needs("decide")
def leave_out(
    id: str, service: Served, session: Signed, tenant: DeskTenant, own: OwnForm
) -> Response:
    """No case is to be made of it."""
    service.state.documents.find(tenant.name, id)
    service.state.documents.drop(tenant.name, id)
    return redirect("/desk/")


@put.post("/documents/{id}")
@needs("decide")
async def ask(
    request: Request,
    id: str,
    service: Served,
    session: Signed,
    tenant: DeskTenant,
    own: OwnForm,
    what: Annotated[str, Form()] = "case",
    chosen: Annotated[str, Form(description="page|box, or nothing for the surest.")] = "",
    writer: Annotated[str, Form(max_length=400)] = "",
    account: Annotated[str, Form(max_length=400)] = "",
    amount: Annotated[str, Form(max_length=40)] = "",
) -> Response:
    asked, run, book = Asking(service, session.key), service.work.run, service.state.documents
    kept = await run(book.find, tenant.name, id)
    upload = Upload(kept.name, await run(book.image, id, 0))
    if what == "account":
        stated = amount_of(amount) if amount.strip() else None
        whole = Place()
        told = await run(asking.mandate, asked, [upload], whole, account, stated, Rates())
        return await _shown(request, service, tenant, kept, mandate=told.answer, chosen=chosen,
                            writer=writer)  # fmt: skip
    place = _place(chosen)
    if what == "search":
        search = Search(5, 0.01, 50, {}, None)
        found = await run(asking.identify, asked, upload, place, search)
        return await _shown(request, service, tenant, kept, search=found.answer, chosen=chosen,
                            writer=writer)  # fmt: skip
    number = await run(opened, asked, tenant, upload, place, writer, id)
    return redirect(f"/desk/cases/{number}")


def _place(chosen: str) -> Place:
    number, _, box = chosen.partition("|")
    if number and not number.isdecimal():
        raise ArgumentRefused("choose a signature")
    return Place.parse(int(number) if number else None, box or None, None)
