"""The normalised signature: what imaging hands to the encoder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sigsearch.errors import ImageError, NoInk
from sigsearch.imaging.canvas import set_on_canvas
from sigsearch.imaging.ink import Ink, drop_margins, drop_specks, find_ink, ink_box, stroke_width
from sigsearch.imaging.levels import median
from sigsearch.imaging.load import ImageSource, Page, load_page
from sigsearch.imaging.quality import refuse_unusable, warnings_for
from sigsearch.imaging.rules import drop_rules

PREPROCESSING_VERSION = 5
CANVAS_SHAPE = (144, 336)
"""Height and width in pixels of what the network sees."""


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature ready to be encoded.

    canvas: uint8 CANVAS_SHAPE, 0 = paper, 255 = ink; ink: boolean, cropped to its box, at the
    resolution of the page; box: (left, top, right, bottom) on the page, exclusive; page_size:
    (width, height); grey_median: of the whole page, 0..255; stroke: its mean width in page pixels;
    content_hash: SHA-256 of the file's bytes (of the pixels, for arrays), in hex.
    """

    canvas: NDArray[np.uint8]
    ink: Ink
    box: tuple[int, int, int, int]
    page_size: tuple[int, int]
    grey_median: float
    stroke: float
    name: str
    content_hash: str
    warnings: tuple[str, ...] = ()


def read_signature(source: ImageSource | Signature, name: str | None = None) -> Signature:
    """Read, clean and normalise one signature (see `load_page` for what `source` may be).

    Raises a subclass of ImageError that names the file and the reason.
    """
    if isinstance(source, Signature):
        return source
    page = load_page(source, name)
    return _normalise(page, find_ink(page))


def read_signatures(
    sources: Iterable[ImageSource | Signature],
) -> Iterator[Signature | ImageError]:
    """`read_signature` for many: a source that cannot be read yields its error in its place."""
    for source in sources:
        try:
            yield read_signature(source)
        except ImageError as fault:
            yield fault


def signature_from_ink(ink: Ink, name: str = "<ink>") -> Signature:
    """A signature from a boolean (height, width) mask in which the ink is already told apart."""
    page = load_page(np.where(ink, 0, 255).astype(np.uint8), name)
    return _normalise(page, ink)


def _normalise(page: Page, ink: Ink) -> Signature:
    bare = drop_rules(ink)
    if bare is not ink and not bare.any():
        raise NoInk(f"{page.name}: only printed lines are on the page; check that it is signed")
    stroke = stroke_width(bare)
    own = drop_margins(bare, stroke)
    clean = drop_specks(own, stroke if own is bare else stroke_width(own))
    box = ink_box(clean)
    left, top, right, bottom = box
    crop = np.ascontiguousarray(clean[top:bottom, left:right])
    refuse_unusable(crop, page.name)
    stroke = stroke_width(crop)
    return Signature(
        canvas=set_on_canvas(crop, CANVAS_SHAPE),
        ink=crop,
        box=box,
        page_size=(page.grey.shape[1], page.grey.shape[0]),
        grey_median=median(page.counts),
        stroke=stroke,
        name=page.name,
        content_hash=page.content_hash,
        warnings=warnings_for(crop, box, page.grey.shape, stroke, ruled=bare is not ink),
    )
