"""Pictures for the desk, as PNG."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np

from sigsearch.imaging import Signature
from sigsearch.report.case import Case, ShownReference
from sigsearch.report.overlay import laid_on, way_between
from sigsearch.report.pictures import (
    QUESTIONED,
    REFERENCE,
    Pixels,
    ink_picture,
    shrunk,
)
from sigsearch.report.scans import scan_picture

WIDEST = 800
MOST_REFERENCES = 12
ORIGINAL, INK, LAYER = 0, 1, 2
"""Kinds of pictures of a case; the questioned signature's come first, then each reference's."""


def numbered(signature: int, kind: int) -> int:
    """The number of a picture: of the questioned signature (0) or the n-th reference."""
    return 3 * signature + kind


def pictures_of(case: Case) -> tuple[dict[int, bytes], list[str]]:
    """The pictures of a case by number, and the captions of the references.

    They stand in the order of enrolment: the closest first would tell something of the answer.
    """
    least = sorted((one.score for one in case.references), reverse=True)[:MOST_REFERENCES][-1]
    shown = [one for one in case.references if one.score >= least][:MOST_REFERENCES]
    found = _of_questioned(case)
    for at, one in enumerate(shown, start=1):
        found |= _of_reference(case.questioned, one, at)
    return found, [one.source for one in shown]


def _of_questioned(case: Case) -> dict[int, bytes]:
    ink = png(ink_picture(case.questioned, WIDEST))
    original = ink if case.scan is None else png(scan_picture(case.scan, WIDEST))
    upper = shrunk(case.questioned.ink, WIDEST)
    return {
        numbered(0, ORIGINAL): original,
        numbered(0, INK): ink,
        numbered(0, LAYER): png(_tinted(upper, QUESTIONED)),
    }


def _of_reference(questioned: Signature, one: ShownReference, at: int) -> dict[int, bytes]:
    if one.signature is None:
        return {}
    ink = png(ink_picture(one.signature, WIDEST))
    shape = shrunk(questioned.ink, WIDEST).shape
    scale = min(1.0, WIDEST / questioned.ink.shape[1])
    layer = laid_on(one.signature, way_between(questioned, one.signature), shape, scale)
    return {
        numbered(at, ORIGINAL): ink if one.scan is None else png(scan_picture(one.scan, WIDEST)),
        numbered(at, INK): ink,
        numbered(at, LAYER): png(_tinted(layer, REFERENCE)),
    }


def _tinted(ink: Pixels, colour: Sequence[int]) -> Pixels:
    """Ink (0..255) as a layer that shows what is below it, (h, w, 4)."""
    layer = np.empty((*ink.shape, 4), np.uint8)
    layer[..., :3] = colour
    layer[..., 3] = ink
    return layer


def png(pixels: Any, widest: int = 0) -> bytes:
    """uint8 (h, w), (h, w, 3) or (h, w, 4), shrunk to `widest` where that is given."""
    from PIL import Image

    picture, file = Image.fromarray(pixels), io.BytesIO()
    if widest and picture.width > widest:
        picture = picture.resize((widest, round(picture.height * widest / picture.width)))
    picture.save(file, "PNG")
    return file.getvalue()
