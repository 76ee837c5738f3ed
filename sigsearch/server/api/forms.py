"""The parts of a form that several endpoints take."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated

from fastapi import Depends, File, Form, UploadFile

from sigsearch.engine.judge import Rates
from sigsearch.errors import ArgumentRefused
from sigsearch.matching.gallery import DEFAULT_FPIR
from sigsearch.matching.strength import DEFAULT_STRENGTH
from sigsearch.names import one_form
from sigsearch.schema import Proposition
from sigsearch.server.asking import Search
from sigsearch.server.uploads import Place, Upload

_MOST_METADATA = 16_000  # characters

ImageFile = Annotated[UploadFile, File(description="A signature, or a document that contains one.")]
ImageFiles = Annotated[list[UploadFile], File(description="Images or documents.")]


async def _place(
    page: Annotated[int | None, Form(ge=1, le=100_000, description="Page, from 1.")] = None,
    box: Annotated[
        str | None, Form(description="x,y,width,height in pixels of the page, as `find` shows it.")
    ] = None,
    signature: Annotated[
        int | None, Form(ge=1, le=100_000, description="Which of several signatures, from 1.")
    ] = None,
) -> Place:
    return Place.parse(page, box, signature)


async def _rates(
    fmr: Annotated[float | None, Form(gt=0, lt=1, description="As for `sigsearch verify`.")] = None,
    fnmr: Annotated[float | None, Form(gt=0, lt=1)] = None,
    strength: Annotated[float | None, Form(ge=1, le=1e6)] = None,
    against: Annotated[Proposition | None, Form()] = None,
) -> Rates | None:
    """None where nothing is asked for."""
    if all(one is None for one in (fmr, fnmr, strength, against)):
        return None
    plain = Rates()
    return Rates(
        plain.fmr if fmr is None else fmr, plain.fnmr if fnmr is None else fnmr,
        against or plain.against, DEFAULT_STRENGTH if strength is None else strength,
    )  # fmt: skip


async def _search(
    rates: Annotated[Rates | None, Depends(_rates)],
    k: Annotated[int, Form(ge=1, le=100, description="How many writers to show.")] = 5,
    fpir: Annotated[
        float, Form(gt=0, lt=1, description="Share of strangers that may be given a name.")
    ] = DEFAULT_FPIR,
    candidates: Annotated[
        int, Form(ge=1, le=1000, description="How many writers to compare closely.")
    ] = 50,
    where: Annotated[
        str | None,
        Form(description="Search only references with this metadata: a JSON object of strings."),
    ] = None,
) -> Search:
    return Search(k, fpir, candidates, texts(where, "where"), rates)


AskedSearch = Annotated[Search, Depends(_search)]
AskedPlace = Annotated[Place, Depends(_place)]
AskedRates = Annotated[Rates | None, Depends(_rates)]


def texts(given: str | None, what: str) -> dict[str, str]:
    """A JSON object of texts, in one form. Raises ArgumentRefused."""
    if not given:
        return {}
    try:
        found = json.loads(given) if len(given) <= _MOST_METADATA else None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, Mapping) or not all(isinstance(v, str) for v in found.values()):
        raise ArgumentRefused(
            f'give {what} as a JSON object of strings, such as {{"branch": "hanoi"}}'
        )
    return {one_form(key): one_form(value) for key, value in found.items()}


async def uploads(files: list[UploadFile] | None) -> list[Upload]:
    return [await Upload.read(file) for file in files or []]
