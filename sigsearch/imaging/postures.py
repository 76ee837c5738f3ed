"""A signature's ink as it would lie had the page been put down otherwise: upside down, on its side,
mirrored, or tilted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from sigsearch.imaging.ink import Ink, ink_box
from sigsearch.imaging.signature import Signature, canvas_of

PostureName = Literal["upside_down", "quarter_turn", "mirrored", "tilted"]

TILTS = (-20, -15, -10, -5, 5, 10, 15, 20)
"""In degrees, anticlockwise; a signature's own tilt varies by a few of them."""
_ON_ITS_SIDE = 2.5  # a signature so much wider than high does not stand upright
_MOST_SIDE = 1000  # pixels: larger ink is made smaller before it is tilted


@dataclass(frozen=True, slots=True)
class Posture:
    """A signature as righted: turned by `degrees` anticlockwise after having been `mirrored` or
    not."""

    name: PostureName
    degrees: float
    mirrored: bool
    signature: Signature


def whole_turns(signature: Signature) -> Iterator[Posture]:
    """The other ways to lay down the sheet, either side up, no pixel lost; on its side only what
    may stand so."""
    height, width = signature.ink.shape
    turns = range(0, 4, 2) if width >= _ON_ITS_SIDE * height else range(4)
    for mirrored in (False, True):
        ink = signature.ink[:, ::-1] if mirrored else signature.ink
        for quarters in turns:
            if quarters or mirrored:
                righted = _with(signature, np.rot90(ink, quarters))
                yield Posture(_name(quarters, mirrored), 90.0 * quarters, mirrored, righted)


def tilts(signature: Signature, around: Posture | None = None) -> Iterator[Posture]:
    """Small turns of the signature, or of it as laid down in `around`."""
    ink, mirrored, turn = signature.ink, False, 0.0
    if around is not None:
        mirrored, turn = around.mirrored, around.degrees
        ink = np.rot90(ink[:, ::-1] if mirrored else ink, round(turn / 90))
    for degrees in TILTS:
        righted = _with(signature, _tilted(ink, degrees))
        yield Posture(around.name if around else "tilted", turn + degrees, mirrored, righted)


def _with(signature: Signature, ink: Ink) -> Signature:
    whole = np.ascontiguousarray(ink)
    return replace(signature, ink=whole, canvas=canvas_of(whole))


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
    return turned[top:bottom, left:right]
