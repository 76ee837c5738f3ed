"""Where an image may be the crop of a signature with a little print around it, or a page with
little on it: what the segmentation leaves is held against what the detector finds."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

from sigsearch.documents.boxes import Box, Corners

Held = Literal["crop", "page", "doubtful"]

_WITHIN = 0.5  # of a box lies in the ink: it is of it
_LARGER = 2.5  # times the area of what was found: ink that is more than a signature
_SMALL = 0.4  # of the height of the ink: a cross or a letter beside it
_LEVEL = 0.3  # of the lower of two boxes: they stand on one line
_GAP = 1.5  # times the height of the higher box: words of one signature are closer
_WHOLE = 0.5  # of confidence: nobody is as sure of half a signature
_SHEET = 1_000_000  # pixels: a crop is smaller, nearly always
_FILLED = 0.4  # of the image by the ink: nobody leaves as little around a text


def held_against(ink: Corners, pixels: int, boxes: Sequence[Box], signed: Sequence[Box]) -> Held:
    """What an image of `pixels` is whose signature's `ink` would be there if it were a crop: a
    crop, or a page, for something else or several were found on it; `doubtful` where hardly
    anything was found, and the ink need not be a signature's.

    boxes: all that was found, sure or not; signed: the signatures among them that are sure.
    """
    named = signed or [box for box in boxes if box.is_by_hand]
    if not named:
        return "page" if pixels >= _SHEET else "doubtful"
    own = [box for box in named if box.share_within(ink) >= _WITHIN]
    if any(box not in own and not _is_mark(box, ink) for box in signed):
        return "page"
    own = _with_pieces(own, [box for box in boxes if box.share_within(ink) >= _WITHIN])
    if not own or _area(ink) > _LARGER * _area(_around(own)):
        filled = pixels < _SHEET and _area(ink) > _FILLED * pixels
        if signed:
            return "doubtful" if filled and not _sure_of_all(signed) else "page"
        return "crop" if filled and own else "doubtful"
    if not signed and pixels >= _SHEET:
        return "doubtful"
    return "page" if _several([box for box in own if box in signed]) else "crop"


def _with_pieces(own: list[Box], boxes: Sequence[Box]) -> list[Box]:
    """`own` with those of `boxes` that stand beside: a piece of a signature may look like a stamp,
    or like nothing that is sure."""
    pieces = [box for box in boxes if box not in own]
    return own + [box for box in pieces if not own or any(_beside(box, one) for one in own)]


def _is_mark(box: Box, ink: Corners) -> bool:
    """Whether `box`, none of the ink, is so small beside it that it was rightly taken away."""
    return box.kind == "initials" and box.height < _SMALL * (ink[3] - ink[1])


def _several(boxes: Sequence[Box]) -> bool:
    """Whether `boxes` are so far from each other that they are signatures of their own."""
    ordered = sorted(boxes, key=lambda box: box.x)
    pairs = list(pairwise(ordered))
    if pairs and _sure_of_all(boxes):
        return True
    return any(not _beside(*pair) for pair in pairs)


def _sure_of_all(boxes: Sequence[Box]) -> bool:
    """Whether none of `boxes` can be a part of a signature."""
    return all(box.confidence >= _WHOLE for box in boxes)


def _beside(box: Box, other: Box) -> bool:
    """Whether two boxes are likely words of one signature."""
    level = min(box.y + box.height, other.y + other.height) - max(box.y, other.y)
    gap = max(box.x, other.x) - min(box.x + box.width, other.x + other.width)
    heights = (box.height, other.height)
    least = -_LEVEL if gap >= 0 else _LEVEL  # words may rise, one after the other
    return level > least * min(heights) and gap < _GAP * max(heights)


def _around(boxes: Sequence[Box]) -> Corners:
    left, top, right, bottom = zip(*(box.corners for box in boxes), strict=True)
    return min(left), min(top), max(right), max(bottom)


def _area(corners: Corners) -> int:
    return (corners[2] - corners[0]) * (corners[3] - corners[1])
