"""Which of the ink on a page is the signature's: rules are told from it by what no hand can do
(`sigsearch.imaging.rules`), print, boxes and stamps by a small network that was taught on invented
forms (`sigsearch.training.segmenter.network`).

It only ever takes ink away.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sigsearch.errors import EncoderError
from sigsearch.imaging.components import find_components, paint, touched_by
from sigsearch.imaging.ink import Ink, ink_box
from sigsearch.imaging.load import Page
from sigsearch.imaging.marks import drop_cross, drop_marks
from sigsearch.imaging.rings import without_rings
from sigsearch.imaging.rules import drop_rules
from sigsearch.imaging.view import from_view, scale_of, view_of
from sigsearch.models.network import open_network

LIKELY, SURELY_FOREIGN = 170, 20
"""Of 255: ink less likely the signature's is in doubt; ink as unlikely as this is not."""
Grey = NDArray[np.uint8]

WEIGHTS = Path(__file__).with_name("segmenter.onnx")
_CLOSER = 1.4  # times as large in the view: worth another look


def find_signature(page: Page, ink: Ink) -> Ink:
    """`ink`, that of `page`, without what is not the signature's; the same array if all of it is.

    Raises EncoderError when the network cannot be opened.
    """
    marked = drop_marks(ink)
    bare = drop_rules(marked)
    if bare is not marked and bare.any():
        bare = drop_cross(bare)
    if not bare.any():
        return bare
    own = _look(page, bare)
    # Print around a signature makes it small in the view; without it there is more to see.
    if own is not bare and own.any() and scale_of(own) > _CLOSER * scale_of(bare):
        own = _look(page, own)
    return own if own is bare else without_rings(bare, own)


def _look(page: Page, ink: Ink) -> Ink:
    box = left, top, right, bottom = ink_box(ink)
    part = ink[top:bottom, left:right]
    (likely,) = _network().run(None, {"views": view_of(page, ink, box)[None]})
    foreign = _foreign(part, from_view(likely[0], part.shape))
    if foreign is None:
        return ink
    own = ink.copy()
    own[top:bottom, left:right] &= ~foreign
    return own


def _foreign(ink: Ink, likely: Grey) -> Ink | None:
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
    try:
        model = WEIGHTS.read_bytes()
    except OSError as fault:
        raise EncoderError(f"{WEIGHTS}: cannot be read ({fault}); reinstall sigsearch") from None
    return open_network(model, WEIGHTS)
