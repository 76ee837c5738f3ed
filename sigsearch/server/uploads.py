"""Images as they are sent: bytes and a label, never a path or an address to fetch them from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import UploadFile

from sigsearch.documents.addresses import Address, fragment
from sigsearch.documents.intake import signature_from
from sigsearch.errors import ArgumentRefused, RequestRefused
from sigsearch.imaging import Signature
from sigsearch.names import as_text, one_form

UPLOADED = "upload:"
"""Before the label of an enrolled image, which is then no path that anything could be read from."""
_LABEL = 120  # characters
_BOX = re.compile(r"(\d{1,6}),(\d{1,6}),(\d{1,6}),(\d{1,6})")
_ODD = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class Place:
    """Where on a document: its page and number of the signature, from 1, or a box in pixels."""

    page: int | None = None
    box: tuple[int, int, int, int] | None = None
    signature: int | None = None

    @classmethod
    def parse(cls, page: int | None, box: str | None, signature: int | None) -> Place:
        """`box` as `x,y,width,height`. Raises ArgumentRefused."""
        found = _BOX.fullmatch(box or "")
        if box and found is None:
            raise ArgumentRefused(
                "give box as x,y,width,height in pixels, such as 900,2400,600,200"
            )
        numbers = None if found is None else [int(one) for one in found.groups()]
        if numbers and 0 in numbers[2:]:
            raise ArgumentRefused("box has no width or no height")
        area = None if not numbers else (numbers[0], numbers[1], numbers[2], numbers[3])
        return cls(page, area, signature)

    @property
    def fragment(self) -> str:
        return fragment(self.page, self.box, self.signature)


@dataclass(frozen=True, slots=True)
class Upload:
    """name: a label for people, in which nothing is left of a path."""

    name: str
    data: bytes

    @classmethod
    async def read(cls, file: UploadFile) -> Upload:
        """Raises RequestRefused for an empty file."""
        upload = cls(label_of(file.filename or ""), await file.read())
        if not upload.data:
            raise RequestRefused(f"{upload.name}: the file is empty")
        return upload

    def address(self, place: Place) -> Any:
        """What the engine reads: an Address whose source are the bytes."""
        return Address(self.data, place.page, place.box, place.signature)

    def signature(self, place: Place) -> Signature:
        """The one that is asked for, or the surest, which then warns of the others.

        Raises ImageError of the kind that says what is wrong.
        """
        return signature_from(self.address(place), self.name)


def label_of(filename: str) -> str:
    """The last part of a file's name, as text of one line."""
    last = re.split(r"[/\\]", as_text(filename))[-1]
    return _ODD.sub("", one_form(last)).strip()[:_LABEL] or "image"
