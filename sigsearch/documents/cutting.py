"""A box on a page -> the part of the page to read: all of the strokes that begin in the box, and
nothing of what only stands beside it. Print is told from ink before the box cuts through it: half a
letter looks like a stroke."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import numpy as np

from sigsearch.arrays import Bytes, Mask
from sigsearch.documents.boxes import Box
from sigsearch.errors import ImageError, NoSignature
from sigsearch.imaging.canvas import grown
from sigsearch.imaging.components import find_components, labels, paint
from sigsearch.imaging.ink import count, cropped, find_ink, paper_of
from sigsearch.imaging.load import Page
from sigsearch.imaging.segmentation import part
from sigsearch.imaging.signature import PRINTED, Signature, signature_on

_AROUND = 0.35  # of the box's height on each side: as far as strokes may reach out of it
_RIM = 0.06  # of the box's height: what a box may be too small by
_DARK_PAPER = 96  # bright ink on it is left as it is
_MOSTLY = 0.5  # of a stroke lies in the box that it belongs to
_MUCH = 0.1  # of the ink in the box, of strokes that do not belong to it
CUT_THROUGH = "cut_through"
"""Warning: much of what is in the box goes on outside of it, and was cut off."""

Region = tuple[int, int, int, int]
"""x, y, width and height in pixels of the page."""


def signature_in(page: Page, box: Box) -> Signature:
    """The signature in `box`; its hash is that of the page and the box.

    Raises NoSignature for a box outside of the page, or a subclass of ImageError where no ink in it
    can be a signature.
    """
    region = _around(page, box, _AROUND)
    if not region[2] or not region[3]:
        height, width = page.grey.shape
        raise NoSignature(f"{page.name}: the box lies outside the page ({width} x {height})")
    wide = _part(page, region)
    around = replace(page, grey=wide, number=1, pages=1)
    grey, notes, bare = _own(around, _inside(page, box, region))
    found = signature_on(replace(around, grey=grey), cut_out=True)
    place = (box.x, box.y, box.width, box.height)
    return replace(
        found,
        warnings=tuple(dict.fromkeys((*notes, *found.warnings))),
        region=place,
        confidence=box.confidence,
        around=wide,
        bare=found.bare if bare is None else cropped(bare),
        page=page.number,
        pages=page.pages,
        content_hash=_hash(page.content_hash, place),
    )


def ink_corner(signature: Signature) -> tuple[int, int]:
    """x and y on the page of the top left corner of a signature's ink, also where it was found in
    a box."""
    left, top = signature.box[:2]
    if signature.region is None:
        return left, top
    x, y, width, height = signature.region
    rim = _rim(width, height, _AROUND)
    return left + max(x - rim, 0), top + max(y - rim, 0)


def _part(page: Page, region: Region) -> Bytes:
    left, top, width, height = region
    return np.ascontiguousarray(page.grey[top : top + height, left : left + width])


def _inside(page: Page, box: Box, region: Region) -> Mask:
    """Which pixels of `region` lie in the box."""
    inside = np.zeros((region[3], region[2]), np.bool_)
    x, y, width, height = _around(page, box, _RIM)
    x, y = x - region[0], y - region[1]
    inside[y : y + height, x : x + width] = True
    return inside


def _own(page: Page, inside: Mask) -> tuple[Bytes, list[str], Mask | None]:
    """The pixels of `page`, a region around the box, with bare paper for print and for what does
    not belong to the box; warnings; and the ink in the box with the print, where there was any."""
    try:
        ink = find_ink(page)
    except ImageError:  # said by who reads it
        return page.grey, [], None
    parted = part(page, ink)
    own = parted.own if parted.own.any() else ink
    foreign, cut_through = _foreign(own, inside)  # a line to sign on goes on outside of any box
    notes = [CUT_THROUGH] if cut_through else []
    if own is not ink:
        foreign |= ink & ~own
        notes += ["overprinted"] * parted.crossed
        notes += ["printed"] * (count(ink & ~own & inside) > PRINTED * count(ink & inside))
    if not foreign.any() or np.median(page.grey) < _DARK_PAPER:
        return page.grey, notes, None
    paper = np.broadcast_to(paper_of(page.grey), ink.shape)
    bare = parted.bare & inside
    printed = own is not ink and count(bare) > count(own & inside)
    grey = np.where(grown(foreign, 2) & ~(ink & ~foreign), paper, page.grey)
    return grey, notes, bare if printed else None


def _foreign(ink: Mask, inside: Mask) -> tuple[Mask, bool]:
    """The ink outside of the box, but for strokes that lie in it for the most part; whether much of
    the ink in the box is of strokes that do not, or that go on beyond what was looked at."""
    outside = ink & ~inside
    parts = find_components(ink)
    beyond = np.bincount(labels(parts, ink.shape)[outside], minlength=len(parts))
    own = beyond <= (1 - _MOSTLY) * parts.area
    within = parts.area - beyond
    height, width = ink.shape
    left, top, right, bottom = parts.box.T
    ends = (left > 0) & (top > 0) & (right < width) & (bottom < height)
    cut_through = bool(within[~own | ~ends].sum() > _MUCH * within.sum())
    return outside & ~paint(parts, own, ink.shape), cut_through


def _around(page: Page, box: Box, share: float) -> Region:
    rim = _rim(box.width, box.height, share)
    left, top = max(box.x - rim, 0), max(box.y - rim, 0)
    right = min(box.x + box.width + rim, page.grey.shape[1])
    bottom = min(box.y + box.height + rim, page.grey.shape[0])
    return left, top, max(right - left, 0), max(bottom - top, 0)


def _rim(width: int, height: int, share: float) -> int:
    return round(share * min(height, width)) + 2


def _hash(page: str, region: Region) -> str:
    return hashlib.sha256(f"{page}#box={','.join(map(str, region))}".encode()).hexdigest()
