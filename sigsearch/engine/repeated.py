"""One signature given more than once: the same file, a copy of it, or another box around it. It is
one signature, and must not count for two writers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sigsearch.documents.cutting import ink_corner
from sigsearch.imaging import Signature
from sigsearch.imaging.fingerprint import fingerprint, is_copy
from sigsearch.imaging.ink import Ink, count

_SHARED = 0.5  # of the smaller ink: the same strokes, of which one box may hold more
_ALIKE = 0.6  # of the ink where both lie: each box may cut off strokes of its own


def repeated_among(signatures: Sequence[Signature], order: Iterable[int]) -> dict[int, int]:
    """The places of the signatures that were given before, each with the place of the one that
    stays. Only the places in `order` are looked at, and the first of them stay."""
    kept: list[int] = []
    repeated: dict[int, int] = {}
    prints = {at: fingerprint(signatures[at]) for at in order}
    for at, shown in prints.items():
        for other in kept:
            same = is_copy(shown, prints[other])
            if same or _are_same_strokes(signatures[at], signatures[other]):
                repeated[at] = other
                break
        else:
            kept.append(at)
    return repeated


def _are_same_strokes(one: Signature, other: Signature) -> bool:
    """Whether two inks lie on one another, at the same place of their pages: boxes around one
    signature, of which one may hold only a part of it."""
    (left, top), (x, y) = ink_corner(one), ink_corner(other)
    a = _from(one.ink, x - left, y - top)
    b = _from(other.ink, left - x, top - y)
    height, width = min(a.shape[0], b.shape[0]), min(a.shape[1], b.shape[1])
    if not height or not width:
        return False
    a, b = a[:height, :width], b[:height, :width]
    shared = count(a & b)
    least = min(count(one.ink), count(other.ink))
    return shared >= _SHARED * least and shared >= _ALIKE * count(a | b)


def _from(ink: Ink, x: int, y: int) -> Ink:
    return ink[max(y, 0) :, max(x, 0) :]
