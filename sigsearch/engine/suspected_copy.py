"""The copy alarm: a questioned image that is a picture of a reference. A pair of images is asked
the same, so nothing here knows of an index."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sigsearch.imaging.fingerprint import is_copy

LIKELIEST = 3
"""References whose pictures are compared with that of a questioned signature: no other is nearer to
a copy than its original, but for the writer's steadiest ones."""


@dataclass(frozen=True, slots=True)
class Original:
    """What a copy is told by: where a reference came from, its SHA-256, and its fingerprint, if one
    was kept."""

    source: str
    content_hash: str
    print_of_it: bytes | None


def copied_among(
    content_hash: str,
    print_of_it: bytes,
    originals: Sequence[Original],
    scores: Sequence[float],
) -> str | None:
    """The source of the reference of which an image seems to be a copy, if there is one: the same
    file, or, among the LIKELIEST by `scores`, a shifted, scaled or recompressed picture of it;
    `print_of_it` may be empty where it is not known."""
    for original in originals:
        if original.content_hash == content_hash:
            return original.source
    order = sorted(range(len(originals)), key=lambda at: -scores[at])
    for original in (originals[at] for at in order[:LIKELIEST]):
        kept = original.print_of_it
        if print_of_it and kept is not None and is_copy(print_of_it, kept):
            return original.source
    return None
