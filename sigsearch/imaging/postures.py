"""A signature's ink as it would lie had the page been put down otherwise: upside down, on its side,
mirrored, or tilted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sigsearch.imaging.ink import Ink, ink_box
from sigsearch.imaging.signature import Signature, canvas_of

PostureName = Literal["upside_down", "quarter_turn", "mirrored", "tilted"]

TILTS = (-20, -15, -10, -5, 5, 10, 15, 20)
"""In degrees, anticlockwise; a signature's own tilt varies by a few of them."""
_ON_ITS_SIDE = 1.3  # a signature so much wider than high does not stand upright
_MOST_SIDE = 1000  # pixels: larger ink is made smaller before it is tilted


@dataclass(frozen=True, slots=True)
class Posture:
    """Ink as righted: turned by `degrees` anticlockwise after having been `mirrored` or not."""

    name: PostureName
    degrees: float
    mirrored: bool
    canvas: NDArray[np.uint8]


def whole_turns(signature: Signature) -> Iterator[Posture]:
    """The other ways to lay down the sheet, either side up, no pixel lost; on its side only what
    may stand so."""
    height, width = signature.ink.shape
    turns = range(0, 4, 2) if width >= _ON_ITS_SIDE * height else range(4)
    for mirrored in (False, True):
        ink = signature.ink[:, ::-1] if mirrored else signature.ink
        for quarters in turns:
            if quarters or mirrored:
                name = _name(quarters, mirrored)
                turned = np.ascontiguousarray(np.rot90(ink, quarters))
                yield Posture(name, 90.0 * quarters, mirrored, canvas_of(turned))


def tilts(signature: Signature, around: Posture | None = None) -> Iterator[Posture]:
    """Small turns of the signature, or of it as laid down in `around`."""
    ink, mirrored, turn = signature.ink, False, 0.0
    if around is not None:
        mirrored, turn = around.mirrored, around.degrees
        ink = np.rot90(ink[:, ::-1] if mirrored else ink, round(turn / 90))
    for degrees in TILTS:
        canvas = canvas_of(_tilted(ink, degrees))
        yield Posture(around.name if around else "tilted", turn + degrees, mirrored, canvas)


def _name(quarters: int, mirrored: bool) -> PostureName:
    if mirrored:
        return "mirrored"
    return "upside_down" if quarters == 2 else "quarter_turn"


def _tilted(ink: Ink, degrees: float) -> Ink:
    from PIL import Image

    picture = Image.fromarray(ink.view(np.uint8) * np.uint8(255))
    if max(picture.size) > _MOST_SIDE:
        picture.thumbnail((_MOST_SIDE, _MOST_SIDE), Image.Resampling.BOX)
    turned = np.asarray(picture.rotate(degrees, Image.Resampling.BILINEAR, expand=True)) > 127
    left, top, right, bottom = ink_box(turned)
    if right <= left:
        return ink
    return np.ascontiguousarray(turned[top:bottom, left:right])
