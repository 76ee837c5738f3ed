"""Who signed, and is it truly theirs; and where on a document somebody signed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from functools import partial
from typing import Annotated

from fastapi import File, Form, UploadFile
from starlette.responses import Response, StreamingResponse

from sigsearch.documents.findings import FoundDocument, looked_through
from sigsearch.engine.amounts import amount_of
from sigsearch.engine.judge import Rates
from sigsearch.errors import RequestRefused, SigsearchError
from sigsearch.server import asking
from sigsearch.server.access import Caller, needs
from sigsearch.server.answers import BatchLine, Fault, Identified, MandateChecked, Verified
from sigsearch.server.api.documented import problems, router, told
from sigsearch.server.api.forms import (
    AskedPlace,
    AskedRates,
    AskedSearch,
    ImageFile,
    ImageFiles,
    uploads,
)
from sigsearch.server.asking import Asking, Search
from sigsearch.server.service import Served
from sigsearch.server.uploads import Place, Upload

questions = router()
_AT_ONCE = 4  # images of a batch


@questions.post("/identify", response_model=Identified, responses=problems())
@needs("ask", "decide")
async def identify(
    image: ImageFile,
    place: AskedPlace,
    search: AskedSearch,
    service: Served,
    caller: Caller,
) -> Response:
    """Who signed this? Unknown is an answer."""
    asked = Asking(service, caller)
    upload = await Upload.read(image)
    return told(await service.work.run(asking.identify, asked, upload, place, search))


@questions.post(
    "/identify/batch",
    response_class=StreamingResponse,
    responses={200: {"content": {"application/jsonl": {"schema": {
        "$ref": f"#/components/schemas/{BatchLine.__name__}"}}},
        "description": "One JSON object per line."}, **problems()},
)  # fmt: skip
@needs("ask", "decide")
async def identify_batch(
    images: ImageFiles, search: AskedSearch, service: Served, caller: Caller
) -> Response:
    """`identify` for many images: one JSON object per line, in the order of the images. An image
    that cannot be answered gets an error in its place."""
    given = await uploads(images)
    service.work.refuse_if_full()
    lines = _lines(Asking(service, caller), given, search)
    return StreamingResponse(lines, media_type="application/jsonl")


async def _lines(asked: Asking, given: Sequence[Upload], search: Search) -> AsyncIterator[bytes]:
    """A few at once, told in their order."""
    running: list[asyncio.Task[BatchLine]] = []
    rest = iter(given)
    try:
        while True:
            while len(running) < _AT_ONCE and (one := next(rest, None)) is not None:
                running.append(asyncio.create_task(_line(asked, one, search)))
            if not running:
                return
            line = await running.pop(0)
            yield json.dumps(line.to_dict(), ensure_ascii=False).encode() + b"\n"
    finally:
        for task in running:
            task.cancel()


async def _line(asked: Asking, upload: Upload, search: Search) -> BatchLine:
    try:
        found = await asked.service.work.run_in_turn(
            asking.identify, asked, upload, Place(), search
        )
    except SigsearchError as fault:
        return BatchLine(upload.name, None, None, Fault(fault.code, str(fault)))
    return BatchLine(upload.name, found.answer, found.evidence, None)


@questions.post("/verify", response_model=Verified | MandateChecked, responses=problems(
    not_found="No such writer or account."))  # fmt: skip
@needs("ask", "decide")
async def verify(
    image: Annotated[list[UploadFile], File(description="The questioned signature or document.")],
    place: AskedPlace,
    rates: AskedRates,
    service: Served,
    caller: Caller,
    writer: Annotated[str | None, Form(description="Compare with this enrolled writer.")] = None,
    references: Annotated[
        list[UploadFile] | None, File(description="Or compare with these images of one writer.")
    ] = None,
    account: Annotated[
        str | None, Form(description="Or: may the signatures sign for this account?")
    ] = None,
    amount: Annotated[
        str | None, Form(max_length=40, description="With `account`: the amount.")
    ] = None,
) -> Response:
    """Is it truly theirs? Give `writer`, `references` or `account`. With `account` you may
    send several images that belong together."""
    given, others = await uploads(image), await uploads(references)
    if sum((bool(others), writer is not None, account is not None)) != 1:
        raise RequestRefused("give one of writer, references or account")
    if amount is not None and account is None:
        raise RequestRefused("give amount only with account")
    if account is None and len(given) != 1:
        raise RequestRefused("give one image")
    run, asked, chosen = service.work.run, Asking(service, caller), rates or Rates()
    if account is not None:
        stated = None if amount is None else amount_of(amount)
        weigh = partial(asking.mandate, asked, given, place, account, stated, chosen)
        return told(await run(weigh))
    if others:
        return told(await run(asking.compare, asked, given[0], place, others, chosen))
    return told(await run(asking.verify, asked, given[0], place, str(writer), chosen))


@questions.post("/find", response_model=FoundDocument, responses=problems())
@needs("ask", "decide", "enrol")
async def find(image: ImageFile, place: AskedPlace, service: Served, caller: Caller) -> Response:
    """Where on a document did somebody sign?"""
    upload = await Upload.read(image)
    return told(await service.work.run(_found, upload, place))


def _found(upload: Upload, place: Place) -> FoundDocument:
    with looked_through(upload.address(Place(place.page)), upload.name) as (about, pages):
        return about.findings([page for _, page in pages])
