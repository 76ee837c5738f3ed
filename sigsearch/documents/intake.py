"""Anything to signatures: a crop as it is, or what is found on the pages of a document."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from sigsearch.documents.addresses import Address, fragment
from sigsearch.documents.boxes import Box
from sigsearch.documents.cutting import signature_in
from sigsearch.documents.finding import Leaf, leaf_with, leaves, looked_into
from sigsearch.documents.pages import Document, opened
from sigsearch.errors import ImageBlank, ImageError, NoInk, NoSignature, SeveralSignatures
from sigsearch.imaging.load import ImageSource
from sigsearch.imaging.signature import Signature

DOUBTFUL, SEVERAL, PERHAPS = "doubtful_box", "several_signatures", "perhaps_several"
"""Warnings: that it is not sure to be a signature; that there are others on the document; that
there may be."""


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
            f"{name or Address.of(source).source}: {len(found)} signatures were found, and only "
            f"one can be taken; choose one: {choices}"
        )
    if DOUBTFUL in found[0].warnings and not Address.of(source).chosen:
        raise NoSignature(
            f"{found[0].name}: something was found that may not be a signature, and was not taken; "
            "if it is one, add #signature=1 to the path"
        )
    if PERHAPS in found[0].warnings and not Address.of(source).chosen:
        numbered = Address.of(found[0].name).chosen
        how = f"ask for {found[0].name}" if numbered else "add #signature=1 to the path"
        raise SeveralSignatures(
            f"{found[0].name}: something else on it may be a signature too, and none was taken; "
            f"{how} to take the one that is sure"
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
    source: ImageSource | Address | Signature, name: str | None = None, signature: int | None = None
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


def signatures_together(
    asked: Iterable[tuple[Address, str | None]],
) -> tuple[list[Signature], list[ImageError]]:
    """The signatures on images that belong together, like the pages of a document, each with its
    name or None; and why some have none, which only matters where one on them was asked for.

    Raises ImageError of the kind that says what is wrong, also where there is no signature at all.
    """
    found: list[Signature] = []
    unsigned: list[ImageError] = []
    for address, name in asked:
        try:
            found += signatures_in(address, name)
        except (ImageBlank, NoInk, NoSignature) as fault:
            if address.chosen:
                raise
            unsigned.append(fault)
    if unsigned and not found:
        raise unsigned[0]
    return found, unsigned


def _called(
    signature: Signature, source: ImageSource | Address, name: str | None, address: Address
) -> Signature:
    """By the whole address, where it was asked for by one."""
    if name is not None or source is address.source:
        return signature
    return replace(signature, name=f"{os.fsdecode(address.source)}{address.fragment}")


@dataclass(frozen=True, slots=True)
class _Found:
    """What is in a box that was found: a signature, or why it cannot be read; the hash of the page,
    and the number of the box there, which is the one that `find` tells."""

    signature: Signature | ImageError
    page_hash: str
    number: int


@dataclass
class _Gathered:
    """What was found on the pages of a document so far."""

    document: Document
    sure: list[_Found] = field(default_factory=list)
    doubtful: list[_Found] = field(default_factory=list)
    looked_at: int = 0
    may_be_more: bool = False

    def add(self, leaf: Leaf) -> None:
        """Raises ImageError where an image is neither a crop of a signature nor a page."""
        self.looked_at += 1
        leaf = looked_into(leaf)
        if leaf.seen == "crop" and leaf.signature is not None:
            found = _photographed(leaf.signature) if leaf.photographed else leaf.signature
            certain = self.doubtful if leaf.unsure else self.sure
            certain.append(_Found(found, found.content_hash, 1))
            return
        self.sure += self._read(leaf, leaf.signed, 1)
        self.may_be_more |= bool(leaf.nearly_sure)
        if not any(isinstance(one.signature, Signature) for one in self.sure):
            self.doubtful += self._read(leaf, leaf.doubtful, 1 + len(leaf.signed))

    def _read(self, leaf: Leaf, boxes: Sequence[Box], first: int) -> list[_Found]:
        read: list[_Found] = []
        for number, box in enumerate(boxes, first):
            found: Signature | ImageError
            try:
                found = signature_in(leaf.page, box)
            except ImageError as fault:
                found = fault
            else:
                found = _photographed(found) if leaf.slanted else found
            read.append(_Found(found, leaf.page.content_hash, number))
        return read

    def signatures(self, address: Address) -> list[Signature]:
        """Those that are asked for. Raises NoSignature, or ImageError where the one that is asked
        for cannot be read."""
        asked = self.sure or self.doubtful
        if address.signature is not None and asked:
            return [self._chosen(asked, address.signature)]
        if found := self._each_named(self.sure):
            # What cannot be read may be another signature all the same.
            alone = len(self.sure) == 1 and not self.may_be_more
            return found if alone or len(found) > 1 else [_warned(found[0], PERHAPS)]
        if found := self._each_named(self.doubtful):
            return [_warned(one, DOUBTFUL) for one in found]
        raise self._nothing(address.page)

    def _chosen(self, found: Sequence[_Found], number: int) -> Signature:
        if number > len(found):
            raise NoSignature(
                f"{self.document.name}: {len(found)} signature(s) were found; there is no "
                f"signature {number}"
            )
        chosen = found[number - 1]
        if isinstance(chosen.signature, ImageError):
            raise chosen.signature
        return self._named(chosen.signature, chosen, len(found) > 1)

    def _each_named(self, found: Sequence[_Found]) -> list[Signature]:
        """Those that can be read."""
        return [
            self._named(one.signature, one, len(found) > 1)
            for one in found
            if isinstance(one.signature, Signature)
        ]

    def _named(self, signature: Signature, found: _Found, one_of_several: bool) -> Signature:
        if not one_of_several:
            return replace(signature, content_hash=found.page_hash)
        page = signature.page if self.document.pages > 1 else None
        name = self.document.name + fragment(page, signature=found.number)
        return replace(signature, name=name)

    def _nothing(self, page: int | None) -> NoSignature:
        pages = "the page" if self.looked_at == 1 else f"{self.looked_at} pages"
        fields = self.document.signature_fields
        digital = f"; it has {fields} digital signature(s), which are no ink" if fields else ""
        faults = [one.signature for one in (*self.sure, *self.doubtful)]
        why = [str(fault).removeprefix(f"{self.document.name}: ") for fault in faults]
        unread = f"; what was found cannot be read ({why[0]})" if why else ""
        at = f"page={page or 1}&" if self.document.pages > 1 else ""
        return NoSignature(
            f"{self.document.name}: no signature was found ({pages} looked at){digital}{unread}; "
            f"if there is one, say where: #{at}box=x,y,width,height"
        )


def _photographed(signature: Signature) -> Signature:
    """With the warning that its proportions are estimated."""
    return _warned(signature, "surroundings")


def _warned(signature: Signature, code: str) -> Signature:
    if code in signature.warnings:
        return signature
    return replace(signature, warnings=(code, *signature.warnings))
