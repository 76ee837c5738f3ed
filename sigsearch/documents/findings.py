"""What `find` answers: where on a document somebody seems to have signed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sigsearch.documents.addresses import Address, fragment
from sigsearch.documents.boxes import Box
from sigsearch.documents.crop_or_page import Seen
from sigsearch.documents.finding import Leaf, leaves, looked_into
from sigsearch.documents.pages import opened
from sigsearch.imaging.load import ImageSource
from sigsearch.schema import Jsonable


@dataclass(frozen=True, slots=True)
class FoundBox(Jsonable):
    """A place on a page. address: how to ask for it, None for a stamp and for what may not be a
    signature, which only its box names; sure: whether it is taken for what `kind` says."""

    address: str | None
    box: Box
    sure: bool


@dataclass(frozen=True, slots=True)
class FoundPage(Jsonable):
    """A page in pixels as it was looked at; seen: a page, or the crop of a signature, on which
    nothing is looked for; sure: whether such a crop is taken for one, True of a page; turned: by
    how many degrees it was turned anticlockwise to stand upright; photographed: whether its sheet
    was cut out of a photograph."""

    page: int
    width: int
    height: int
    seen: Seen
    sure: bool
    turned: int
    photographed: bool
    found: tuple[FoundBox, ...]


@dataclass(frozen=True, slots=True)
class FoundDocument(Jsonable):
    """signature_fields: fields for digital signatures in a PDF; they are never compared."""

    document: str
    pages: int
    signature_fields: int
    found: tuple[FoundPage, ...]

    @property
    def signatures(self) -> tuple[FoundBox, ...]:
        """The signatures and initials."""
        return tuple(one for page in self.found for one in page.found if one.address)

    @property
    def has_signature(self) -> bool:
        return bool(self.signatures) or any(page.seen == "crop" for page in self.found)


@dataclass(frozen=True, slots=True)
class Opened:
    """A document that is being looked through."""

    name: str
    pages: int
    signature_fields: int

    def findings(self, pages: list[FoundPage]) -> FoundDocument:
        return FoundDocument(self.name, self.pages, self.signature_fields, tuple(pages))


@contextmanager
def looked_through(
    source: ImageSource, name: str | None = None
) -> Iterator[tuple[Opened, Iterator[tuple[Leaf, FoundPage]]]]:
    """The pages of a document (called `name`), one at a time, with what is found on each.

    Raises ImageError of the kind that says what is wrong.
    """
    address = Address.of(source)
    with opened(address, name) as document:
        about = Opened(document.name, document.pages, document.signature_fields)
        yield about, (_told(looked_into(leaf), about) for leaf in leaves(document, address))


def _told(leaf: Leaf, about: Opened) -> tuple[Leaf, FoundPage]:
    signed, number = leaf.signed, leaf.page.number
    asked = number if about.pages > 1 else None
    found = []
    for box in leaf.boxes:
        at = signed.index(box) + 1 if box in signed else None
        address = about.name + fragment(asked, signature=at) if at else None
        found.append(FoundBox(address, box, sure=leaf.is_sure(box)))
    height, width = leaf.page.grey.shape
    page = FoundPage(
        page=number,
        width=width,
        height=height,
        seen=leaf.seen,
        sure=not leaf.unsure,
        turned=90 * leaf.quarters,
        photographed=leaf.photographed,
        found=tuple(found),
    )
    return leaf, page
