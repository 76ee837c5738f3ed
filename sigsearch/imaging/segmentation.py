"""Which of the ink on a page is the signature's: rules are told from it by what no hand can do
(`sigsearch.imaging.rules`), print, boxes and stamps by a small network that was taught on invented
forms (`sigsearch.training.segmenter.network`), which a cheaper look spares most clean scans
(`sigsearch.imaging.triage`).

It only ever takes ink away.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sigsearch.imaging.canvas import grown
from sigsearch.imaging.components import Components, find_components, paint, touched_by
from sigsearch.imaging.ink import Ink, count, ink_box, stroke_width
from sigsearch.imaging.load import Page
from sigsearch.imaging.marks import drop_cross, drop_marks
from sigsearch.imaging.rings import without_rings
from sigsearch.imaging.rules import drop_rules
from sigsearch.imaging.triage import may_hold_print
from sigsearch.imaging.view import from_view, scale_of, view_of
from sigsearch.models.folder import ModelFolder

LIKELY, SURELY_FOREIGN = 170, 20
"""Of 255: ink less likely the signature's is in doubt; ink as unlikely as this is not."""
Grey = NDArray[np.uint8]

WEIGHTS = Path(__file__).with_name("segmenter.onnx")
_LEAST_CONTACT = 2.0  # stroke widths
_CLOSER = 1.4  # times as large in the view: worth another look


@dataclass(frozen=True, slots=True)
class Parted:
    """The signature's `own` ink; the `bare` ink, without lines and marks alone; and whether more
    was taken from where it touched the signature: print or a stamp across it."""

    own: Ink
    bare: Ink
    crossed: bool = False


def find_signature(page: Page, ink: Ink) -> Ink:
    """`ink`, that of `page`, without what is not the signature's; the same array if all of it is.

    Raises EncoderError when the network cannot be opened.
    """
    return part(page, ink).own


def part(page: Page, ink: Ink, parts: Components | None = None) -> Parted:
    """`find_signature`, with what it tells of how the rest lay; `parts`: the components of `ink`,
    where they are known."""
    bare = without_marks(ink, parts)
    if not bare.any():
        return Parted(bare, bare)
    own = _look(page, bare)
    # Print around a signature makes it small in the view; without it there is more to see.
    if own is not bare and own.any() and scale_of(own) > _CLOSER * scale_of(bare):
        own = _look(page, own)
    if own is bare:
        return Parted(own, bare)
    own = without_rings(bare, own)
    return Parted(own, bare, _contact(bare & ~own, own) > _LEAST_CONTACT)


def without_marks(ink: Ink, parts: Components | None = None) -> Ink:
    """`ink` without the rules and marks that are told by their shape; the same array if there are
    none. `parts`: its components, where they are known."""
    marked = drop_marks(ink, parts or find_components(ink))
    bare = drop_rules(marked)
    return drop_cross(bare) if bare is not marked and bare.any() else bare


def _contact(foreign: Ink, own: Ink) -> float:
    """Along how many stroke widths the two touch."""
    return count(grown(own, 1) & foreign) / max(stroke_width(own), 1.0)


def _look(page: Page, ink: Ink) -> Ink:
    box = left, top, right, bottom = ink_box(ink)
    seen = ink[top:bottom, left:right]
    view = view_of(page, ink, box)
    if not may_hold_print(view):
        return ink
    likely = likely_own(view)
    foreign = None if likely is None else foreign_in(seen, from_view(likely, seen.shape))
    if foreign is None:
        return ink
    own = ink.copy()
    own[top:bottom, left:right] &= ~foreign
    return own


def likely_own(view: Grey) -> Grey | None:
    """How likely the ink at each place of `view` is the signature's, 0..255; None where no ink is
    surely foreign. Raises EncoderError when the network cannot be opened."""
    (likely,) = _network().run(None, {"views": view[None]})
    foreign = grown(view[0] > 0, 1) & (likely[0] < SURELY_FOREIGN)
    return likely[0] if foreign.any() else None


def foreign_in(ink: Ink, likely: Grey) -> Ink | None:
    """What goes: unlikely ink, as far as it hangs together with ink that is surely foreign, so that
    a clean scan, where all that is doubtful is a stroke, stays whole. None when nothing goes."""
    surely = ink & (likely < SURELY_FOREIGN)
    if not surely.any():
        return None
    doubtful = ink & (likely < LIKELY)
    parts = find_components(doubtful)
    return paint(parts, touched_by(parts, surely), ink.shape)


@cache
def _network() -> Any:
    return ModelFolder.of(WEIGHTS.parent, WEIGHTS.stem + ".json").open(WEIGHTS.name)
