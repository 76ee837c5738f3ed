"""A questioned signature that does not fit is looked at again: as it would lie had the page been
put down otherwise, and without what stands beside it. What fits then names the reason that an
answer from the first look would be wrong.

On validation writers no forgery and no stranger came to fit this way that did not before, so a
match at another posture is one at the stated rates.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sigsearch.encoder import Embeddings, Encoder
from sigsearch.imaging import Signature
from sigsearch.imaging.groups import groups_alone, without_a_group
from sigsearch.imaging.postures import Posture, tilts, whole_turns
from sigsearch.imaging.signature import canvas_of

LEAST_GAIN = 0.25
"""In score: what another posture must fit better by; a genuine signature's own tilt gains less."""
BESIDE, MISTAKEN = "marks_beside", "taken_for_print"

Score = Callable[[Embeddings], NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Look:
    """reason: its code; canvas: what was looked at; score: how well that fits; posture: of the
    whole signature, None where a part of it was looked at."""

    reason: str
    score: float
    reading: Embeddings
    posture: Posture | None


class Postures:
    """A signature as it lies, and what a second look may look at; each is encoded when first asked
    for, and once, whoever asks."""

    def __init__(self, signature: Signature, encoder: Encoder) -> None:
        self.signature = signature
        self.encoder = encoder

    @cached_property
    def reading(self) -> Embeddings:
        """Of the signature as it lies, length one."""
        return self.encoder.embed([self.signature])

    @cached_property
    def whole(self) -> tuple[list[Posture], Embeddings]:
        """The whole signature turned and tilted, and its readings."""
        return self._read([*whole_turns(self.signature), *tilts(self.signature)])

    def tilted(self, around: Posture) -> tuple[list[Posture], Embeddings]:
        """Small turns of the signature as laid down in `around`."""
        return self._read(list(tilts(self.signature, around)))

    @cached_property
    def parts(self) -> tuple[list[str], Embeddings] | None:
        """Parts of the ink, each with the code of the reason to look at it, and their readings."""
        inks = [(BESIDE, ink) for ink in without_a_group(self.signature.ink)]
        if self.signature.bare is not None:
            inks += [(MISTAKEN, ink) for ink in groups_alone(self.signature.bare)]
        if not inks:
            return None
        canvases = np.stack([canvas_of(ink) for _, ink in inks])
        return [reason for reason, _ in inks], self.encoder.embed_canvases(canvases)

    def _read(self, postures: list[Posture]) -> tuple[list[Posture], Embeddings]:
        canvases = np.stack([posture.signature.canvas for posture in postures])
        return postures, self.encoder.embed_canvases(canvases)


def second_look(postures: Postures, score: Score, first: float, enough: float) -> Look | None:
    """The look at a signature that fits best, if it does by `enough` and much better than the
    `first`. `score`: how well each of n readings fits, (n,), higher = closer."""
    looks = _looks(score, *postures.whole)
    best = max(looks, key=_fit)
    if best.score < enough and best.posture is not None and best.reason != "tilted":
        looks = [best, *_looks(score, *postures.tilted(best.posture))]
        best = max(looks, key=_fit)
    if not _better(best, first, enough):
        best = max([best, *_parts(score, postures)], key=_fit)
    return best if _better(best, first, enough) else None


def _better(look: Look, first: float, enough: float) -> bool:
    return look.score >= max(enough, first + LEAST_GAIN)


def _fit(look: Look) -> float:
    return look.score


def _looks(score: Score, postures: Sequence[Posture], readings: Embeddings) -> list[Look]:
    return [
        Look(posture.name, float(fit), readings[at], posture)
        for at, (posture, fit) in enumerate(zip(postures, score(readings), strict=True))
    ]


def _parts(score: Score, postures: Postures) -> list[Look]:
    if postures.parts is None:
        return []
    reasons, readings = postures.parts
    fits = score(readings).tolist()
    return [
        Look(reason, fit, readings[at], None)
        for at, (reason, fit) in enumerate(zip(reasons, fits, strict=True))
    ]
