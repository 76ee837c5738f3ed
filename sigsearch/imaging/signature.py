"""The normalised signature: what imaging hands to the encoder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sigsearch.errors import ImageError, NoInk
from sigsearch.imaging.canvas import set_on_canvas
from sigsearch.imaging.components import Components, find_components
from sigsearch.imaging.crossed_out import is_crossed_out
from sigsearch.imaging.faint import without_darker
from sigsearch.imaging.grain import is_screened, screen_blurred
from sigsearch.imaging.ink import (
    Ink,
    count,
    cropped,
    drop_margins,
    drop_specks,
    find_ink,
    ink_box,
    stroke_width,
)
from sigsearch.imaging.levels import median
from sigsearch.imaging.load import ImageSource, Page, load_page
from sigsearch.imaging.quality import refuse_page, refuse_unusable, warnings_for
from sigsearch.imaging.segmentation import Parted, part
from sigsearch.imaging.several import several
from sigsearch.imaging.surroundings import without_surroundings

PREPROCESSING_VERSION = 7
CANVAS_SHAPE = (144, 336)
"""Height and width in pixels of what the network sees."""
_SURROUNDED = 0.15  # of the image: a photograph of a sheet, not a scan with a black edge
PRINTED = 0.02  # of the ink on a page: what is worth a warning when it was taken out


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature ready to be encoded.

    canvas: uint8 CANVAS_SHAPE, 0 = paper, 255 = ink; ink: boolean, cropped to its box, at the
    resolution of the page; box: (left, top, right, bottom) on the page, exclusive; page_size:
    (width, height); grey_median: of the whole page, 0..255; stroke: its mean width in page pixels;
    content_hash: SHA-256 of the file's bytes (of the pixels, for arrays), in hex; page, pages:
    which page of the file was read, and how many it has; bare: the ink with what was taken for
    print or a stamp, cropped to its box, where there was any; region: where on the page of a
    document it was found, (x, y, width, height), with what `confidence` that it is a signature;
    `box`, `page_size` and `grey_median` then speak of the part that was cut out around it, and
    `around` is that part as it was scanned, uint8 page_size.
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
    page: int = 1
    pages: int = 1
    bare: Ink | None = None
    region: tuple[int, int, int, int] | None = None
    confidence: float = 1.0
    around: NDArray[np.uint8] | None = None

    def on_page(self) -> Ink:
        """The ink where it lies on the page: boolean (height, width) of the page."""
        left, top, right, bottom = self.box
        ink = np.zeros(self.page_size[::-1], np.bool_)
        ink[top:bottom, left:right] = self.ink
        return ink


def read_signature(source: ImageSource | Signature, name: str | None = None) -> Signature:
    """Read, clean and normalise one signature (see `load_page` for what `source` may be).

    Raises a subclass of ImageError that names the file and the reason.
    """
    if isinstance(source, Signature):
        return source
    return signature_on(load_page(source, name))


def signature_on(page: Page, cut_out: bool = False) -> Signature:
    """The signature on `page`, which is a crop of one, or was `cut_out` of a larger page, so that
    print may be cut off around it.

    Raises a subclass of ImageError that names the file and the reason.
    """
    page, outside = without_surroundings(page)
    found, notes = find_ink(page), []
    if is_screened(found):
        page = replace(page, grey=screen_blurred(page.grey))
        found = find_ink(page)
        notes.append("screened")
    parts = find_components(found)
    if not cut_out:
        refuse_page(found, parts, page.name)
    parted = part(page, found, parts)
    if (fainter := without_darker(page, found, parted.own)) is not page:
        page, found, parted = fainter, *_joined(fainter, found, parted)
    if page.pages > 1:
        notes.append("several_pages")
    if outside > _SURROUNDED:
        notes.append("surroundings")
    if parted.crossed:
        notes.append("overprinted")
    if parted.own is not found and is_crossed_out(found, parted.own):
        notes.append("struck_through")
    signature = normalise(page, found, parted.own, notes, parts if parted.own is found else None)
    if parted.own is parted.bare:
        return signature
    return replace(signature, bare=cropped(parted.bare))


def read_signatures(
    sources: Iterable[ImageSource | Signature] | ImageSource | Signature,
) -> Iterator[Signature | ImageError]:
    """`read_signature` for many: a source that cannot be read yields its error in its place."""
    for source in several(sources):
        try:
            yield read_signature(source)
        except ImageError as fault:
            yield fault


def signature_from_ink(ink: Ink, name: str = "<ink>") -> Signature:
    """A signature from a boolean (height, width) mask in which the ink is already told apart."""
    page = load_page(np.where(ink, 0, 255).astype(np.uint8), name)
    return normalise(page, ink, ink)


def _joined(page: Page, found: Ink, parted: Parted) -> tuple[Ink, Parted]:
    """What is found on `page`, from which dark print was wiped, beside what was `found` before."""
    more = find_ink(page)
    again = part(page, more)
    own, bare = again.own | parted.own, again.bare | parted.bare
    return found | more, Parted(own, bare, parted.crossed)


def canvas_of(ink: Ink) -> NDArray[np.uint8]:
    """What the network sees of `ink`, cropped to its box: uint8 CANVAS_SHAPE."""
    return set_on_canvas(ink, CANVAS_SHAPE)


def normalise(
    page: Page,
    found: Ink,
    own: Ink,
    notes: Iterable[str] = (),
    parts: Components | None = None,
) -> Signature:
    """A signature from the ink that was `found` on `page` and from what of it is the signature's
    `own`: margins and specks go, and the rest is set on the canvas. `notes` go before the warnings;
    `parts`: the components of `own`, where they are known.

    Raises NoInk when nothing is the signature's, InkTooSmall when too little is.
    """
    if own is not found and not own.any():
        raise NoInk(
            f"{page.name}: all the ink on the page looks printed; check that it is signed, and cut "
            "the page to the signature"
        )
    stroke = stroke_width(own)
    inner = drop_margins(own, stroke, parts)
    if inner is own:
        clean = drop_specks(own, stroke, parts)
    else:
        clean = drop_specks(inner, stroke_width(inner))
    box = ink_box(clean)
    left, top, right, bottom = box
    crop = np.ascontiguousarray(clean[top:bottom, left:right])
    refuse_unusable(crop, page.name)
    stroke = stroke_width(crop)
    pieces = len(parts) if parts else None
    printed = own is not found and count(own) < (1 - PRINTED) * count(found)
    return Signature(
        canvas=canvas_of(crop),
        ink=crop,
        box=box,
        page_size=(page.grey.shape[1], page.grey.shape[0]),
        grey_median=median(page.counts),
        stroke=stroke,
        name=page.name,
        content_hash=page.content_hash,
        warnings=(*notes, *warnings_for(crop, box, page.grey.shape, stroke, printed, pieces)),
        page=page.number,
        pages=page.pages,
    )
