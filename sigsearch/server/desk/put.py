"""A document is put down, what was found on it is shown, and a case is made of a signature."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Form, Request, UploadFile
from starlette.responses import Response

from sigsearch.documents.findings import looked_through
from sigsearch.engine.accounts import accounts_of
from sigsearch.engine.judge import Rates
from sigsearch.engine.mandates import amount_of
from sigsearch.errors import ArgumentRefused
from sigsearch.report.case import About, case_against_writer
from sigsearch.server import asking, evidence
from sigsearch.server.access import needs
from sigsearch.server.asking import Asking, Search
from sigsearch.server.desk.pictures import pictures_of, png
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
from sigsearch.server.state.documents import Put
from sigsearch.server.state.keys import KeyEntry
from sigsearch.server.tenants import Tenant
from sigsearch.server.uploads import Place, Upload

put = desk_router()
_PAGE_WIDTH, _MOST_PAGES, _MOST_NAMES = 1600, 30, 2000


@put.get("/new")
@needs("decide")
async def new(request: Request, session: Signed) -> Response:
    return page(request, "new.html")


@put.post("/documents")
@needs("decide")
async def put_down(
    request: Request, service: Served, session: Signed, own: OwnForm, image: UploadFile
) -> Response:
    upload = await Upload.read(image)
    number = await service.work.run(_looked_at, service, session.key, upload)
    return redirect(f"/desk/documents/{number}")


def _looked_at(service: Service, key: KeyEntry, upload: Upload) -> str:
    """Find the signatures, and keep the document with its pages as pictures."""
    pictures: list[bytes] = []
    with looked_through(upload.data, upload.name) as (about, leaves):
        pages = []
        for leaf, found in leaves:
            pages.append(found)
            pictures.append(png(leaf.page.grey, _PAGE_WIDTH))
            if len(pages) == _MOST_PAGES:
                break
    document = about.findings(pages).to_dict()
    files = [upload.data, *pictures]
    return service.state.documents.keep(key.tenant, key.person, upload.name, document, files)


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
        return await _shown(request, service, tenant, kept, mandate=told.answer, chosen=chosen)
    place = _place(chosen)
    if what == "search":
        search = Search(5, 0.01, 50, {}, None)
        found = await run(asking.identify, asked, upload, place, search)
        return await _shown(request, service, tenant, kept, search=found.answer, chosen=chosen)
    number = await run(_opened, asked, tenant, upload, place, writer, id)
    return redirect(f"/desk/cases/{number}")


def _place(chosen: str) -> Place:
    number, _, box = chosen.partition("|")
    if number and not number.isdecimal():
        raise ArgumentRefused("choose a signature")
    return Place.parse(int(number) if number else None, box or None, None)


def _opened(
    asked: Asking, tenant: Tenant, upload: Upload, place: Place, writer: str, document: str
) -> str:
    """A case of the signature against the writer; its id."""
    examined = asked.index.examine(upload.signature(place), writer, Rates())
    answer = examined.answer
    number = evidence.keep(
        asked.service, asked.caller, "verify", answer,
        evidence.asked_for(place, Rates(), answer.writer), examined.content_hashes,
        [str(answer.writer)], [upload],
    )  # fmt: skip
    whole = case_against_writer(asked.index, examined, About(), upload.data)
    pictures, shown = pictures_of(whole)
    return asked.service.state.cases.add(
        tenant.name, asked.caller.person, answer.questioned, str(answer.writer), document,
        number, answer.to_dict(), shown, pictures,
    )  # fmt: skip
