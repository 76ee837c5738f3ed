"""A page as it came -> a page as it should lie, and the boxes of what was signed on it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from sigsearch.documents.addresses import Address
from sigsearch.documents.boxes import Box
from sigsearch.documents.crop_or_page import LEAST_DOUBT, Seen, look_at
from sigsearch.documents.crop_with_print import held_against
from sigsearch.documents.detection import shipped_detector
from sigsearch.documents.pages import Document
from sigsearch.documents.sheet import flattened
from sigsearch.documents.upright import quarter_turns, turned
from sigsearch.errors import AllInk, ImageError, NoInk, WholePage
from sigsearch.imaging.load import Page
from sigsearch.imaging.signature import Signature, signature_on
from sigsearch.imaging.surroundings import without_surroundings

_DOUBT, _NEARLY = 0.5, 0.75
"""Of the confidence from which on a signature is found: worth a doubt; and worth a word."""
_BLANK = 20  # levels
_LEAST_SEARCHED = 60_000  # pixels: in fewer there is no telling a signature from what is around it
_OF_A_PAGE = (WholePage, AllInk, NoInk)
_SAME, _ALIKE = 0.5, 0.8  # of a box lies in another: it is part of that; of both: they are one


@dataclass(frozen=True, slots=True)
class Leaf:
    """A page made ready: `page` as it should lie; seen: a crop or a page; boxes: what was found on
    a page, from the top down, also what is doubtful; quarters: by how many quarters of a turn,
    anticlockwise, it was righted; photographed: whether a sheet was cut out of a photograph;
    slanted: whether that was not taken from straight above; signature: of a crop, where it was
    read; unsure: whether that may be no signature."""

    page: Page
    seen: Seen
    boxes: tuple[Box, ...] = ()
    quarters: int = 0
    photographed: bool = False
    slanted: bool = False
    signature: Signature | None = None
    unsure: bool = False

    @property
    def signed(self) -> tuple[Box, ...]:
        """The boxes of signatures and initials."""
        return tuple(box for box in self._by_hand if self.is_sure(box))

    @property
    def doubtful(self) -> tuple[Box, ...]:
        """The boxes that may hold a signature, which is not sure."""
        return tuple(box for box in self._by_hand if not self.is_sure(box))

    @property
    def nearly_sure(self) -> tuple[Box, ...]:
        """The doubtful boxes that come near to being sure."""
        least = _NEARLY * shipped_detector().threshold
        return tuple(box for box in self.doubtful if box.confidence >= least)

    @staticmethod
    def is_sure(box: Box) -> bool:
        return box.confidence >= shipped_detector().threshold

    @property
    def _by_hand(self) -> tuple[Box, ...]:
        return tuple(box for box in self.boxes if box.is_by_hand)


def leaves(document: Document, address: Address) -> Iterator[Leaf]:
    """The pages that are asked for, one at a time; of a file whose first page is a crop only that.

    Raises ImageError of the kind that says what is wrong.
    """
    if address.page is not None:
        yield leaf_of(document.page(address.page), document.pdf is not None)
        return
    if document.first is not None:
        first = leaf_of(document.first)
        yield first
        if first.seen == "crop":
            return
    for number in document.numbers():
        if document.first is None or number != document.first.number:
            yield leaf_of(document.page(number), printed=True)


def leaf_with(document: Document, address: Address) -> Leaf:
    """The page of `address`, or the first, as `leaves` would give it; where it is plainly a page it
    is not searched."""
    page = document.page(address.page or 1)
    leaf = leaf_of(page, document.pdf is not None, search=False)
    try:
        return looked_into(leaf)
    except ImageError:  # of the whole image; there may be a signature in the part that is asked for
        return leaf


def looked_into(leaf: Leaf) -> Leaf:
    """`leaf` with its signature where it is a crop; where it cannot be read as one, looked at as a
    page.

    Raises ImageError for an image that is neither.
    """
    if leaf.seen != "crop":
        return leaf
    try:
        return replace(leaf, signature=leaf.signature or signature_on(leaf.page))
    except _OF_A_PAGE as fault:
        if leaf.page.grey.size < _LEAST_SEARCHED:
            raise
        found = searched(leaf)
        if not found.signed and not isinstance(fault, WholePage):
            raise
        return found


def leaf_of(page: Page, printed: bool = False, search: bool = True) -> Leaf:
    """`page` made ready. On one that was `printed` to a file, or is one of many, a crop is looked
    for as on a page: its border is paper. Without `search` only what is in doubt is searched."""
    glance = look_at(page)
    flat = flattened(page) if glance.dark_border and not printed else None
    if flat is not None:
        page, glance = flat.page, look_at(flat.page)
    photographed = flat is not None
    whole = Leaf(page, glance.seen, photographed=photographed,
                 slanted=flat is not None and flat.slanted)  # fmt: skip
    if glance.seen == "page":
        return searched(whole) if search else righted(whole)
    if printed:
        return _settled(whole) if _may_be_a_crop(page) else searched(whole)
    if glance.seen == "crop":
        if page.grey.size < LEAST_DOUBT:
            return whole
        whole = replace(whole, signature=_read(page))
        if not (whole.signature and "printed" in whole.signature.warnings):
            return whole
    return _settled(whole)


def _settled(leaf: Leaf) -> Leaf:
    """`leaf`, a crop or a page, by what is found on it."""
    found = searched(leaf)
    signature = _read(found.page) if found.quarters else leaf.signature or _read(leaf.page)
    if signature is None:
        return found
    held = held_against(signature.box, found.page.grey.size, found.boxes, found.signed)
    if held == "page":
        return found
    whole = found if found.quarters else leaf
    return replace(whole, seen="crop", boxes=(), signature=signature, unsure=held == "doubtful")


def _read(page: Page) -> Signature | None:
    """What `page` holds if it is a crop; None for nothing that can be read."""
    try:
        return signature_on(page)
    except ImageError:
        return None


def _may_be_a_crop(page: Page) -> bool:
    """Whether a page that was printed to a file may be nothing but a signature."""
    return page.pages == 1 and int(np.ptp(page.grey)) > _BLANK


def righted(leaf: Leaf) -> Leaf:
    """`leaf` as it should lie, black edges wiped."""
    page = leaf.page if leaf.photographed else without_surroundings(leaf.page)[0]
    quarters = quarter_turns(page)
    upright = replace(page, grey=turned(page.grey, quarters))
    return replace(leaf, page=upright, seen="page", quarters=quarters)


def searched(leaf: Leaf) -> Leaf:
    """`leaf` righted, with what is found on it."""
    upright, detector = righted(leaf), shipped_detector()
    boxes = _apart(detector.find(upright.page.grey, _DOUBT * detector.threshold))
    return replace(upright, boxes=tuple(sorted(boxes, key=lambda box: (box.y, box.x))))


def _apart(boxes: Iterable[Box]) -> list[Box]:
    """Without those of which a surer one has the most: a stroke belongs to one signature. A stamp
    may lie across one, unless it is the very same box."""
    kept: list[Box] = []
    for box in sorted(boxes, key=lambda box: -box.confidence):
        same = (one for one in kept if one.is_by_hand == box.is_by_hand)
        if any(box.share_within(one.corners) > _SAME for one in same):
            continue
        if not any(_are_one(box, one) for one in kept):
            kept.append(box)
    return kept


def _are_one(box: Box, other: Box) -> bool:
    shares = box.share_within(other.corners), other.share_within(box.corners)
    return min(shares) > _ALIKE
