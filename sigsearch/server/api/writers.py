"""Who is enrolled: references put in and taken out, writers listed, renamed and erased."""

from __future__ import annotations

import hashlib
import json
import secrets
from asyncio import to_thread
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Annotated, Any

from fastapi import Body, Form, Header, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse, Response

from sigsearch.engine.enrolment import Specimen
from sigsearch.engine.results import Enrolment
from sigsearch.errors import ArgumentRefused, ErasureIncomplete
from sigsearch.index.records import Reference, Writer
from sigsearch.index.results import Receipt
from sigsearch.names import one_form
from sigsearch.server.access import Caller, needs
from sigsearch.server.answers import (
    EnrolledReference,
    EnrolledWriter,
    EnrolmentReport,
    Removed,
    WriterPage,
)
from sigsearch.server.api.documented import Segment, problems, router, told
from sigsearch.server.api.forms import AskedPlace, ImageFiles, texts, uploads
from sigsearch.server.jobs.kinds import erased, forgotten
from sigsearch.server.problems import Problem
from sigsearch.server.service import Ours, Served, Service
from sigsearch.server.state.keys import KeyEntry
from sigsearch.server.tenants import Tenant
from sigsearch.server.uploads import UPLOADED, Place, Upload

writers = router()
_PAGE, _MOST_PAGE = 100, 1000
_NO_WRITER = "No such writer."


@writers.put(
    "/writers/{name}/references",
    response_model=EnrolmentReport,
    responses={201: {"model": EnrolmentReport, "description": "New references."},
               **problems(conflict="Another encoder, or the request is still being answered.")},
)  # fmt: skip
@needs("enrol")
async def enrol(
    name: Segment,
    images: ImageFiles,
    place: AskedPlace,
    service: Served,
    tenant: Ours,
    caller: Caller,
    metadata: Annotated[str | None, Form(description="A JSON object of strings.")] = None,
    keep_images: Annotated[
        bool | None,
        Form(description="Keep a scan of each image, for evidence sheets and the desk."),
    ] = None,
    idempotency_key: Annotated[str | None, Header(max_length=200)] = None,
) -> Response:
    """Enrol references of a writer. The status is 201 if some are new, 200 if all were known, and
    422 if no image can be used. `refused` lists the images that cannot be used."""
    given, about = await uploads(images), texts(metadata, "metadata")
    keep = service.settings.keep_references if keep_images is None else keep_images
    if idempotency_key is None:
        status, body = await _enrolled(service, tenant, caller, name, given, place, about, keep)
        return _answer(status, body)
    digest = _digest(name, given, place, about, keep)
    book, ours = service.state.replies, (tenant.name, f"{caller.id}/{idempotency_key}")
    before = await to_thread(book.begin, *ours, digest, one_form(name))
    if before is not None:
        return _answer(*before)
    try:
        status, body = await _enrolled(service, tenant, caller, name, given, place, about, keep)
        await to_thread(book.finish, *ours, status, body)
    except BaseException:
        await to_thread(book.give_up, *ours)
        raise
    return _answer(status, body)


async def _enrolled(
    service: Service,
    tenant: Tenant,
    caller: KeyEntry,
    name: str,
    given: Sequence[Upload],
    place: Place,
    metadata: Mapping[str, str],
    keep: bool,
) -> tuple[int, Any]:
    """The status and what is answered."""
    specimens = [
        Specimen(name, one.address(place), dict(metadata), UPLOADED + one.name + place.fragment)
        for one in given
    ]
    report, generation = await service.work.run(tenant.enrol, caller.person, specimens, keep)
    told = EnrolmentReport(
        tenant.held_name(name), report.enrolled, report.known, report.refused,
        report.elsewhere, generation,
    ).to_dict()  # fmt: skip
    if not report.enrolled and not report.known:
        return 422, {**_all_refused(report), "report": told}
    return (201 if report.enrolled else 200), told


def _all_refused(report: Enrolment) -> Problem:
    first = report.refused[0]
    return Problem.made(422, first.code, "; ".join(one.reason for one in report.refused)[:2000])


def _answer(status: int, body: Any) -> Response:
    return JSONResponse(
        body, status, media_type="application/problem+json" if status >= 400 else None
    )


def _digest(
    name: str, given: Sequence[Upload], place: Place, metadata: Mapping[str, str], keep: bool
) -> str:
    hashes = [(one.name, hashlib.sha256(one.data).hexdigest()) for one in given]
    whole = [one_form(name), hashes, place.fragment, sorted(metadata.items()), keep]
    return hashlib.sha256(json.dumps(whole).encode("utf-8", "surrogatepass")).hexdigest()


@writers.get("/writers", response_model=WriterPage, responses=problems())
@needs("enrol", "ask", "decide", "audit")
async def list_writers(
    service: Served,
    tenant: Ours,
    cursor: Annotated[
        str | None, Query(max_length=40, description="`next` of the previous page.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=_MOST_PAGE)] = _PAGE,
) -> Response:
    """Who is enrolled, a page at a time, in order of first enrolment."""
    if cursor is not None and not (cursor.isascii() and cursor.isdecimal()):
        raise ArgumentRefused("give the `next` of the previous page as cursor")
    return told(await service.work.run(_page, tenant, int(cursor or 0), limit))


def _page(tenant: Tenant, after: int, limit: int) -> WriterPage:
    """The writers whose number is above `after`."""
    found: list[tuple[int, Writer]] = []
    everybody = tenant.index.writers()
    while len(found) <= limit and (some := list(islice(everybody, _MOST_PAGE))):
        numbers = tenant.index.numbers([one.name for one in some])
        found += [(n, one) for n, one in zip(numbers, some, strict=True) if n and n > after]
    more = found[limit - 1][0] if len(found) > limit else None
    return WriterPage(tuple(one for _, one in found[:limit]), None if more is None else str(more))


@writers.get("/writers/{name}", response_model=EnrolledWriter, responses=problems(
    not_found=_NO_WRITER))  # fmt: skip
@needs("enrol", "ask", "decide", "audit")
async def get_writer(name: Segment, service: Served, tenant: Ours, caller: Caller) -> Response:
    """A writer's references."""
    return told(await service.work.run(_writer, tenant, caller, name))


def _writer(tenant: Tenant, caller: KeyEntry, name: str) -> EnrolledWriter:
    held = tenant.asked_by(caller.person).references(name)
    return EnrolledWriter(
        held[0].writer, tuple(_reference(at, one) for at, one in enumerate(held, start=1))
    )


def _reference(number: int, one: Reference) -> EnrolledReference:
    return EnrolledReference(
        number, one.content_hash, one.source, dict(one.metadata), tuple(one.warnings),
        one.enrolled_at,
    )  # fmt: skip


class WriterChange(BaseModel):
    """name: the new name; metadata: replaces that of all references."""

    model_config = ConfigDict(extra="forbid")
    name: Annotated[str, Field(min_length=1, max_length=400)] | None = None
    metadata: Annotated[dict[str, str], Field(max_length=100)] | None = None


@writers.patch("/writers/{name}", response_model=EnrolledWriter, responses=problems(
    not_found=_NO_WRITER, conflict="The rules of an account name the writer."))  # fmt: skip
@needs("enrol")
async def change_writer(
    name: Segment,
    change: Annotated[WriterChange, Body()],
    service: Served,
    tenant: Ours,
    caller: Caller,
) -> Response:
    """Rename a writer, or replace the metadata of all references."""
    return told(await service.work.run(_changed, tenant, caller, name, change))


def _changed(tenant: Tenant, caller: KeyEntry, name: str, change: WriterChange) -> EnrolledWriter:
    index = tenant.asked_by(caller.person)
    with tenant.changing():
        if change.metadata is not None:
            held = index.references(name)
            about = {one_form(key): one_form(value) for key, value in change.metadata.items()}
            others = [replace(one, metadata=about) for one in held]
            tenant.index.amend(held[0].writer, [one.content_hash for one in held], others)
        if change.name is not None and one_form(change.name) != tenant.held_name(name):
            index.rename(name, change.name)
            name = change.name
    return _writer(tenant, caller, name)


@writers.get("/writers/{name}/references/{id}", response_model=EnrolledReference,
             responses=problems(not_found="No such writer or reference."))  # fmt: skip
@needs("enrol", "ask", "decide", "audit")
async def get_reference(
    name: Segment, id: Segment, service: Served, tenant: Ours, caller: Caller
) -> Response:
    """One reference, by its number, its source or the beginning of its SHA-256."""
    return told(await service.work.run(_one, tenant, caller, name, id))


def _one(tenant: Tenant, caller: KeyEntry, name: str, named: str) -> EnrolledReference:
    from sigsearch.engine.upkeep import find_reference

    held = tenant.asked_by(caller.person).references(name)
    found = find_reference(held, named, name)
    return _reference(held.index(found) + 1, found)


@writers.delete("/writers/{name}/references/{id}", response_model=Removed,
                responses=problems(not_found="No such writer or reference."))  # fmt: skip
@needs("enrol")
async def remove_reference(
    name: Segment, id: Segment, service: Served, tenant: Ours, caller: Caller
) -> Response:
    """Remove one reference. A writer without references is forgotten."""

    def removed() -> Removed:
        with tenant.changing():
            tenant.asked_by(caller.person).remove(name, id)
        return Removed(name, 1)

    return told(await service.work.run(removed))


@writers.delete(
    "/writers/{name}",
    response_model=Removed | Receipt,
    responses=problems(
        not_found=_NO_WRITER, conflict="An account names the writer, or the erasure is incomplete."
    ),
)
@needs("enrol")
async def erase_writer(
    name: Segment,
    service: Served,
    tenant: Ours,
    caller: Caller,
    proof: Annotated[bool, Query(description="Rewrite the index, and search its files.")] = False,
) -> Response:
    """Forget a writer, and all evidence that names them. With `proof` the index is rewritten, which
    takes a while, and the answer is a receipt. To do this in the background, start a job (POST
    /v1/jobs)."""
    if not proof:
        count = await service.work.run(forgotten, service, tenant, caller.person, name)
        return told(Removed(tenant.held_name(name), count))
    number = secrets.token_urlsafe(9)
    receipt = await service.work.run(erased, service, tenant, caller.person, name, number)
    if receipt.get("incomplete"):
        raise ErasureIncomplete(f"{name!r} is forgotten, but {receipt['incomplete']}", receipt)
    return JSONResponse(receipt)
