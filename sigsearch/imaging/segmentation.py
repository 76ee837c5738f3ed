"""Which of the ink on a page is the signature's: print, rules, boxes and stamps are told from it by
a small network that was taught on invented forms (`sigsearch.training.segmenter`).

It only ever takes ink away, and what it knows for sure is a piece of ink as a whole.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sigsearch.errors import EncoderError
from sigsearch.imaging.components import find_components, mean_of, paint, without
from sigsearch.imaging.ink import Ink, ink_box
from sigsearch.imaging.load import Page
from sigsearch.imaging.view import from_view, scale_of, view_of

Grey = NDArray[np.uint8]

LIKELY = 128
"""Of 255: ink less likely the signature's goes."""
_WEIGHTS = Path(__file__).with_name("segmenter.onnx")
_CLEARLY_FOREIGN, _CLEARLY_OWN = 100, 150  # of 255: how likely a whole piece is on average
_CLOSER = 1.4  # times as large in the view: worth another look


def find_signature(page: Page, ink: Ink) -> Ink:
    """`ink`, that of `page`, without what is not the signature's; the same array if all of it is.

    Raises EncoderError when the network cannot be opened.
    """
    own = _look(page, ink)
    # Print around a signature makes it small in the view; without it there is more to see.
    if own is not ink and own.any() and scale_of(own) > _CLOSER * scale_of(ink):
        own = _look(page, own)
    return own


def _look(page: Page, ink: Ink) -> Ink:
    left, top, right, bottom = ink_box(ink)
    part = ink[top:bottom, left:right]
    (likely,) = _network().run(None, {"views": view_of(page, ink)[None]})
    own = _decide(part, from_view(likely[0], part.shape))
    if own is part:
        return ink
    found = np.zeros_like(ink)
    found[top:bottom, left:right] = own
    return found


def _decide(ink: Ink, likely: Grey) -> Ink:
    """Each place by itself, but only pieces of ink go of which it is clear that they are foreign,
    and only pieces stay of which it is clear that they are the signature's."""
    foreign = ink & (likely < LIKELY)
    if not foreign.any():
        return ink
    own = ink & ~foreign
    parts = find_components(foreign)
    own |= paint(parts, mean_of(parts, likely) > _CLEARLY_FOREIGN, ink.shape)
    parts = find_components(own)
    unclear = mean_of(parts, likely) < _CLEARLY_OWN
    return without(own, parts, unclear) if unclear.any() else own


@cache
def _network() -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # a page a core: that shares cores better than each layer
    options.log_severity_level = 3
    options.enable_cpu_mem_arena = False
    try:
        data = _WEIGHTS.read_bytes()
        return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    except Exception as fault:  # onnxruntime raises its own unexported types
        raise EncoderError(
            f"{_WEIGHTS}: cannot be opened ({fault}); install sigsearch anew"
        ) from None
