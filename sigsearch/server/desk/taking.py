"""What is put down becomes a document, and a case as soon as it is known whose signature it is said
to be."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sigsearch.datasets.csv_rows import rows
from sigsearch.documents.findings import looked_through
from sigsearch.engine.judge import Rates
from sigsearch.errors import SigsearchError
from sigsearch.names import one_form
from sigsearch.report.case import About, case_against_writer
from sigsearch.server import evidence
from sigsearch.server.asking import Asking
from sigsearch.server.desk.pictures import pictures_of, png
from sigsearch.server.service import Service
from sigsearch.server.state.keys import KeyEntry
from sigsearch.server.tenants import Tenant
from sigsearch.server.uploads import Place, Upload, label_of

_PAGE_WIDTH, _MOST_PAGES = 1600, 30
_COLUMNS = ("image", "writer")
Said = Mapping[str, str]
"""Whose the signature in each file is said to be."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a file: a `case`, or a `document` that waits for a person; fault: why not."""

    name: str
    writer: str | None
    document: str | None = None
    case: str | None = None
    found: int = 0
    fault: SigsearchError | None = None


def is_list(upload: Upload) -> bool:
    """Whether it is a list that says whose the other files are said to be."""
    return upload.name.lower().endswith(".csv")


def split(given: Iterable[Upload]) -> tuple[Said, list[Upload]]:
    """Lists, read, and the documents. Raises DatasetError for what is no such list."""
    said: dict[str, str] = {}
    rest: list[Upload] = []
    for upload in given:
        if is_list(upload):
            said |= _said(upload)
        else:
            rest.append(upload)
    return said, rest


def _said(upload: Upload) -> Said:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "list.csv"
        path.write_bytes(upload.data)
        fields = [one for _, one, fault in rows(path, _COLUMNS, _COLUMNS) if not fault]
    return {
        label_of(one["image"].partition("#")[0]): one_form(one["writer"])
        for one in fields
        if one.get("image") and one.get("writer")
    }


def take_in(asked: Asking, tenant: Tenant, upload: Upload, said: Said) -> Taken:
    """A case, where it is said whose it is and one signature is sure; never raises for a file."""
    writer, document = said.get(upload.name), None
    try:
        document = looked_at(asked.service, asked.caller, upload, writer)
        found = asked.service.state.documents.find(tenant.name, document).found
        places = [place for page in found["found"] for place in _places(page)]
        if writer is None or len(places) != 1:
            return Taken(upload.name, writer, document, found=len(places))
        case = opened(asked, tenant, upload, places[0], writer, document)
        return Taken(upload.name, writer, document, case, 1)
    except SigsearchError as fault:
        return Taken(upload.name, writer, document, fault=fault)


def _places(page: Mapping[str, Any]) -> list[Place]:
    """Where there are surely signatures on a page, without those of stamps."""
    if page["seen"] == "crop":
        return [Place()]
    boxes = [one["box"] for one in page["found"] if one["sure"] and one["box"]["kind"] != "stamp"]
    return [Place(page["page"], (box["x"], box["y"], box["width"], box["height"])) for box in boxes]


def looked_at(service: Service, key: KeyEntry, upload: Upload, writer: str | None = None) -> str:
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
    return service.state.documents.keep(
        key.tenant, key.person, upload.name, document, files, writer
    )


def opened(
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
