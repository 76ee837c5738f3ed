"""Anything to signatures: a crop as it is, or what is found on the pages of a document."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from sigsearch.documents.addresses import Address, fragment
from sigsearch.documents.boxes import Box
from sigsearch.documents.cutting import signature_in
from sigsearch.documents.finding import Leaf, leaf_with, leaves, searched
from sigsearch.documents.pages import Document, opened
from sigsearch.errors import (
    AllInk,
    ImageError,
    NoInk,
    NoSignature,
    SeveralSignatures,
    WholePage,
)
from sigsearch.imaging.load import ImageSource
from sigsearch.imaging.signature import Signature, signature_on

DOUBTFUL, SEVERAL, PERHAPS = "doubtful_box", "several_signatures", "perhaps_several"
"""Warnings: that it is not sure to be a signature; that there are others on the document; that
there may be."""
_LEAST_SEARCHED = 60_000  # pixels: in fewer there is no telling a signature from what is around it
_OF_A_PAGE = (WholePage, AllInk, NoInk)


def signature_from(source: ImageSource | Signature, name: str | None = None) -> Signature:
    """The signature in an image or a document: the only one, or the surest, which then warns of the
    others.

    Raises NoSignature where none is found, or ImageError of the kind that says what is wrong.
    """
    if isinstance(source, Signature):
        return source
    return _surest(signatures_in(source, name))


def chosen_from(source: ImageSource | Signature, signature: int | None = None) -> Signature:
    """The signature of that number on a document, or `signature_from` without one."""
    return _surest(signatures_in(source, signature=signature))


def _surest(found: Sequence[Signature]) -> Signature:
    best = max(found, key=lambda one: one.confidence)
    return best if len(found) == 1 else _warned(best, SEVERAL)


def signature_to_enrol(source: ImageSource | Signature, name: str | None = None) -> Signature:
    """The only signature there, or the one that the end of a path chooses.

    Raises SeveralSignatures where none is chosen of several, NoSignature where it is not sure that
    there is one, or ImageError of the kind that says what is wrong.
    """
    if isinstance(source, Signature):
        return source
    found = signatures_in(source, name)
    choices = ", ".join(one.name for one in found[:5])
    if len(found) > 1:
        raise SeveralSignatures(
            f"{name or Address.of(source).source}: {len(found)} signatures were found, and none "
            f"was enrolled; choose one: {choices}"
        )
    if DOUBTFUL in found[0].warnings and not Address.of(source).chosen:
        raise NoSignature(
            f"{found[0].name}: something was found that may not be a signature, and was not "
            f"enrolled; if it is one, add #signature=1 to the path"
        )
    if PERHAPS in found[0].warnings and not Address.of(source).chosen:
        raise SeveralSignatures(
            f"{found[0].name}: something else on it may be a signature too, and none was enrolled; "
            "add #signature=1 to the path to enrol the one that is sure"
        )
    return found[0]


def each_to_enrol(
    sources: Iterable[ImageSource | Signature],
) -> Iterator[Signature | ImageError]:
    """`signature_to_enrol` for many: a source that cannot be read yields its error in its place."""
    for source in sources:
        try:
            yield signature_to_enrol(source)
        except ImageError as fault:
            yield fault


def signatures_in(
    source: ImageSource | Signature, name: str | None = None, signature: int | None = None
) -> list[Signature]:
    """All signatures in an image or a document, in the order of its pages and from the top down;
    with `signature` (or `#signature=` at the end of a path) the one of that number alone. Where
    there is more than one, each is named by its page and number.

    Raises NoSignature where none is found, or ImageError of the kind that says what is wrong.
    """
    if isinstance(source, Signature):
        return [source]
    address = Address.of(source).asking(signature)
    with opened(address, name) as document:
        if address.box is not None:
            leaf = leaf_with(document, address)
            box = Box(*address.box, confidence=1.0)
            return [_called(signature_in(leaf.page, box), source, name, address)]
        gathered = _Gathered(document)
        for leaf in leaves(document, address):
            gathered.add(leaf)
        found = gathered.signatures(address)
    return [_called(found[0], source, name, address)] if len(found) == 1 else found


def _called(
    signature: Signature, source: ImageSource, name: str | None, address: Address
) -> Signature:
    """By the whole address, where it was asked for by one."""
    if name is not None or source is address.source:
        return signature
    return replace(signature, name=f"{os.fsdecode(address.source)}{address.fragment}")


@dataclass(frozen=True, slots=True)
class _Found:
    """A signature, the hash of the page that it was found on, and its number there."""

    signature: Signature
    page_hash: str
    number: int


@dataclass
class _Gathered:
    """What was found on the pages of a document so far."""

    document: Document
    sure: list[_Found] = field(default_factory=list)
    doubtful: list[_Found] = field(default_factory=list)
    faults: list[ImageError] = field(default_factory=list)
    looked_at: int = 0
    may_be_more: bool = False

    def add(self, leaf: Leaf) -> None:
        """Raises ImageError where an image is neither a crop of a signature nor a page."""
        self.looked_at += 1
        if leaf.seen == "crop":
            try:
                found = _of_crop(leaf)
            except _OF_A_PAGE as fault:
                leaf = _as_page(leaf, fault)
            else:
                certain = self.doubtful if leaf.unsure else self.sure
                certain.append(_Found(found, found.content_hash, 1))
                return
        self.sure += self._read(leaf, leaf.signed)
        self.may_be_more |= bool(leaf.nearly_sure)
        if not self.sure:
            self.doubtful += self._read(leaf, leaf.doubtful)

    def _read(self, leaf: Leaf, boxes: Sequence[Box]) -> list[_Found]:
        read: list[_Found] = []
        for box in boxes:
            try:
                signature = signature_in(leaf.page, box)
            except ImageError as fault:
                self.faults.append(fault)
            else:
                noted = _photographed(signature) if leaf.slanted else signature
                read.append(_Found(noted, leaf.page.content_hash, len(read) + 1))
        return read

    def signatures(self, address: Address) -> list[Signature]:
        """Those that are asked for. Raises NoSignature."""
        found = self.sure or self.doubtful
        if not found:
            raise self._nothing(address.page)
        named = [self._named(one, len(found) > 1) for one in found]
        if not self.sure:
            named = [_warned(one, DOUBTFUL) for one in named]
        elif len(named) == 1 and self.may_be_more:
            named = [_warned(named[0], PERHAPS)]
        if address.signature is None:
            return named
        if address.signature > len(named):
            raise NoSignature(
                f"{self.document.name}: {len(named)} signature(s) were found; there is no "
                f"signature {address.signature}"
            )
        return [named[address.signature - 1]]

    def _named(self, found: _Found, one_of_several: bool) -> Signature:
        if not one_of_several:
            return replace(found.signature, content_hash=found.page_hash)
        page = found.signature.page if self.document.pages > 1 else None
        name = self.document.name + fragment(page, signature=found.number)
        return replace(found.signature, name=name)

    def _nothing(self, page: int | None) -> NoSignature:
        pages = "the page" if self.looked_at == 1 else f"{self.looked_at} pages"
        fields = self.document.signature_fields
        digital = f"; it has {fields} digital signature(s), which are no ink" if fields else ""
        why = [str(fault).removeprefix(f"{self.document.name}: ") for fault in self.faults]
        unread = f"; what was found cannot be read ({why[0]})" if why else ""
        at = f"page={page or 1}&" if self.document.pages > 1 else ""
        return NoSignature(
            f"{self.document.name}: no signature was found ({pages} looked at){digital}{unread}; "
            f"if there is one, say where: #{at}box=x,y,width,height"
        )


def _of_crop(leaf: Leaf) -> Signature:
    """The signature that is all that `leaf` shows. Raises a subclass of ImageError."""
    found = leaf.signature or signature_on(leaf.page)
    return _photographed(found) if leaf.photographed else found


def _photographed(signature: Signature) -> Signature:
    """With the warning that its proportions are estimated."""
    return _warned(signature, "surroundings")


def _warned(signature: Signature, code: str) -> Signature:
    if code in signature.warnings:
        return signature
    return replace(signature, warnings=(code, *signature.warnings))


def _as_page(leaf: Leaf, fault: ImageError) -> Leaf:
    """`leaf`, which cannot be read as a crop, looked at as a page; where that is no use, `fault` is
    raised."""
    if leaf.page.grey.size < _LEAST_SEARCHED:
        raise fault
    found = searched(leaf)
    if not found.signed and not isinstance(fault, WholePage):
        raise fault
    return found
