"""Documents composed from nothing: a kind, a sheet, what is printed and written, and how it was
reproduced."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from sigsearch.synthesis.documents import cheques, forms, letters, screens
from sigsearch.synthesis.documents.faces import OWN
from sigsearch.synthesis.documents.hands import Signer, invented_signature
from sigsearch.synthesis.documents.reproduction import REPRODUCTIONS, Marks, reproduce
from sigsearch.synthesis.documents.sheet import Mark, Sheet
from sigsearch.synthesis.documents.stamps import rubber_stamp
from sigsearch.synthesis.documents.strokes import margin_note, scrawl
from sigsearch.synthesis.raster import GreyImage

_A4, _LETTER = (210.0, 297.0), (215.9, 279.4)
_UNSIGNED = 0.18
_HOW = (0.22, 0.32, 0.18, 0.08, 0.2)
DPI = 150
_LEAST_CONTRAST = 22
_LEAST_INK, _LEAST_WIDTH = 0.015, 0.4  # of a mark's box: what is less is specks


@dataclass(frozen=True, slots=True)
class Kind:
    """How a document is drawn, the sizes of its sheet in millimetres, and how often it is met."""

    draw: Callable[[Sheet, bool], None]
    sizes: tuple[tuple[float, float], ...]
    share: float


KINDS = {
    "letter": Kind(letters.letter, (_A4, _LETTER), 0.2),
    "contract": Kind(letters.contract, (_A4, _LETTER, (216, 356)), 0.17),
    "memo": Kind(letters.memo, (_A4, (148, 210)), 0.04),
    "handwritten": Kind(letters.handwritten, (_A4, (148, 210)), 0.05),
    "form": Kind(forms.form, (_A4, _A4, (148, 210), (210, 148)), 0.16),
    "table": Kind(forms.table, (_A4, (297, 210)), 0.07),
    "ballot": Kind(forms.ballot, ((235, 120), (148, 210), _A4), 0.09),
    "card": Kind(forms.card, ((86, 54), (125, 88), (148, 105)), 0.03),
    "receipt": Kind(forms.receipt, ((80, 160), (80, 220), (105, 148)), 0.02),
    "cheque": Kind(cheques.cheque, ((178, 80), (203, 92), (152, 70), (216, 90)), 0.18),
    "strip": Kind(cheques.strip, ((210, 60), (180, 90), (160, 50)), 0.03),
    "screenshot": Kind(screens.screenshot, ((340, 190), (90, 180), (260, 195)), 0.03),
    "drawing": Kind(screens.drawing, (_A4, (297, 210)), 0.015),
    "prose": Kind(screens.prose, (_A4, (148, 210)), 0.015),
}
"""Of the last two nothing is ever signed."""


@dataclass(frozen=True, slots=True)
class Document:
    """`page` (h, w) uint8, 255 = paper, at `dpi`; `marks` are the signatures, initials, stamps and
    logos on it, in pixels."""

    page: GreyImage
    marks: Marks
    kind: str
    reproduction: str
    dpi: int


def compose(
    seed: int,
    kind: str | None = None,
    *,
    signed: bool | None = None,
    reproduction: str | None = None,
    dpi: int = DPI,
    faces: Sequence[str] = (OWN,),
    signer: Signer = invented_signature,
) -> Document:
    """The document of this number, always the same for the same arguments.

    What is not given is drawn at random: the `kind` (one of KINDS), whether it is `signed`, its
    `reproduction` (one of REPRODUCTIONS). Raises ValueError for another kind or reproduction.
    """
    if kind is not None and kind not in KINDS:
        raise ValueError(f"no kind of document {kind!r}; choose one of {', '.join(KINDS)}")
    if reproduction is not None and reproduction not in REPRODUCTIONS:
        known = ", ".join(REPRODUCTIONS)
        raise ValueError(f"no reproduction {reproduction!r}; choose one of {known}")
    rng = np.random.default_rng((91, seed))
    shares = np.array([one.share for one in KINDS.values()])
    drawn = str(rng.choice(list(KINDS), p=shares / shares.sum()))
    unsigned, how = rng.random() < _UNSIGNED, str(rng.choice(REPRODUCTIONS, p=_HOW))
    kind, how = kind or drawn, reproduction or how
    signed = not unsigned if signed is None else signed
    sheet = Sheet.blank(*_size(kind, rng), dpi, rng, faces, signer)
    KINDS[kind].draw(sheet, signed)
    _add_by_chance(sheet, kind, signed)
    picture, marks = reproduce(sheet.picture, sheet.marks, how, rng)
    page = np.asarray(picture)
    return Document(page, tuple(m for m in marks if _visible(page, m)), kind, how, dpi)


def _visible(page: GreyImage, mark: Mark) -> bool:
    """Whether enough of it came through to be seen: thin ink does not survive every copy."""
    left, top = int(mark.x), int(mark.y)
    part = page[top : top + int(mark.height) + 1, left : left + int(mark.width) + 1]
    ink = part < np.percentile(part, 85) - _LEAST_CONTRAST
    return bool(ink.mean() > _LEAST_INK and ink.any(0).mean() > _LEAST_WIDTH)


def _size(kind: str, rng: np.random.Generator) -> tuple[float, float]:
    sizes = KINDS[kind].sizes
    width, height = sizes[int(rng.integers(len(sizes)))]
    return width * rng.uniform(0.97, 1.03), height * rng.uniform(0.97, 1.03)


def _add_by_chance(sheet: Sheet, kind: str, signed: bool) -> None:
    """What comes upon a document later."""
    if kind in ("card", "screenshot"):
        return
    if sheet.chance(0.16):
        margin_note(sheet, signed)
    if sheet.chance(0.1):
        scrawl(sheet)
    if sheet.chance(0.1):
        rubber_stamp(
            sheet, sheet.between(15, sheet.width - 15), sheet.between(10, sheet.height - 10)
        )
    if sheet.chance(0.06):  # a number along the edge, as archives stamp it
        sheet.text(
            sheet.width - 8,
            sheet.between(20, sheet.height - 10),
            str(sheet.rng.integers(10**7, 10**9)),
            4,
            anchor="rs",
        )
