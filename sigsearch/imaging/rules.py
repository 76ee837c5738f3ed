"""Printed rules: the line to sign on, ruled paper, the sides of a box on a form.

A rule is told from a stroke of the pen by what no hand can do: it is long, and both its edges are
straight to a pixel over its whole length. Where a stroke crosses it, the stroke stays.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from sigsearch.imaging.components import find_components, without
from sigsearch.imaging.grain import runs_in
from sigsearch.imaging.ink import Ink, drop_specks, ink_box, stroke_width
from sigsearch.imaging.lines import BLOCK, STEEPEST, Ints, Line, trace

_BITS = np.array([number.bit_count() for number in range(256)], np.uint8)
_GROUP, _GROUP_FILLED = 8, 6  # blocks over which even a tilted line keeps to three rows
_LEAST_SPAN = 0.6  # of the page's width
_LEAST_COVER = 0.85  # of the blocks between a rule's ends: pens and poor print leave gaps
_SLOPES = (-0.04, 0.04, -0.08, 0.08)  # around which steep lines to sign on are looked for as well
_STEEP_SPAN = 0.75  # of the page's width; headlines of some scripts are as steep, but have gaps
_ROWS = 2  # that a quick look takes together
_LEAST_ASPECT = 0.3  # of the page's other side, or the stem of a letter would be long enough
_GAP = 0.01  # of the page: what parts a rule from the ink that it frames
_CLEARLY_OUT = 0.02  # of the page: what a sloping line sticks out from under the ink by
_MOST_RULES = 24
_LEAST_GRID = 3  # lines that belong to the page although ink lies on both sides of them
_MOST_RUNS, _MOST_PIXELS = 3_000_000, 120_000_000  # that are gone through in search of them


def drop_rules(ink: Ink) -> Ink:
    """`ink` (height, width) without printed rules, level or upright; the same array if there are
    none."""
    clean = _drop_level(ink, _filled_blocks, _frames_or_underlies)
    turned = clean.T
    # What stands upright within a signature is a stem.
    upright = _drop_level(turned, _filled_blocks_of_turned, _frames)
    return clean if upright is turned else np.ascontiguousarray(upright.T)


def _drop_level(
    ink: Ink, find_blocks: Callable[[Ink], Ink], belongs_to_page: Callable[[Line, Ink], bool]
) -> Ink:
    if min(ink.shape) < 4 * BLOCK:
        return ink
    blocks = find_blocks(ink)
    slopes = [0.0] if _may_have_rules(blocks) else []
    if belongs_to_page is _frames_or_underlies:
        slopes += _steep_slopes(blocks)
    clean, across, left = ink, [], _affordable(ink) if slopes else 0
    for slope in slopes:
        while left > 0:
            left -= 1
            found = _straightest(blocks, slope)
            if found is None:
                break
            line = trace(clean, *found)
            if line.printed(_LEAST_ASPECT * ink.shape[0]):
                erased = line.erased(clean)
                if belongs_to_page(line, drop_specks(erased, stroke_width(erased))):
                    clean = erased
                elif line.spans(ink.shape[1]):
                    across.append(line)
            line.forget(blocks)
    return _without_grid(clean, across)


def _without_grid(ink: Ink, across: list[Line]) -> Ink:
    """`ink` without the lines of squared or ruled paper: as many as no hand draws from edge to
    edge, whatever is written across them."""
    if len(across) < _LEAST_GRID:
        return ink
    for line in across:
        ink = line.erased(ink)
    return ink


def _affordable(ink: Ink) -> int:
    """How many rules are looked for: fewer where each look goes through much."""
    by_runs, by_pixels = _MOST_RUNS // max(runs_in(ink), 1), _MOST_PIXELS // ink.size
    return min(_MOST_RULES, by_runs + 1, by_pixels + 1)


def _frames(line: Line, rest: Ink) -> bool:
    """Whether all other ink lies on one side of the line and off it."""
    gap = _GAP * rest.shape[0]
    if line.aslant:
        return _frames_aslant(line, rest, gap)
    _, top, _, bottom = ink_box(rest)
    return bool(bottom + gap <= line.upper.min() or top - gap >= line.lower.max())


def _frames_aslant(line: Line, rest: Ink, gap: float) -> bool:
    columns = np.flatnonzero(rest.any(axis=0))
    top = rest[:, columns].argmax(axis=0)
    bottom = len(rest) - rest[::-1, columns].argmax(axis=0)
    above = (bottom + gap <= line.upper[columns]).all()
    return bool(above or (top - gap >= line.lower[columns]).all())


def _frames_or_underlies(line: Line, rest: Ink) -> bool:
    """Whether the line frames the other ink or sticks out from under it at both ends."""
    if line.aslant:
        rest, slack = _without_captions(line, rest), -_CLEARLY_OUT * rest.shape[1]
    else:
        slack = _GAP * rest.shape[1]
    left, _, right, _ = ink_box(rest)
    return _frames(line, rest) or (line.first <= left + slack and line.last >= right - slack)


def _without_captions(line: Line, rest: Ink) -> Ink:
    """`rest` without what stands below the line and off it, as print does."""
    parts = find_components(rest)
    gap = line.lower + _GAP * rest.shape[0]
    ends = gap[[parts.box[:, 0], parts.box[:, 2] - 1]].max(axis=0)
    return without(rest, parts, parts.box[:, 1] >= ends)


def _filled_blocks(ink: Ink) -> Ink:
    """(height, width // BLOCK): where a row is inked nearly all through a block, or its neighbour
    takes over within the block, as it does for a tilted line."""
    packed = np.packbits(ink, axis=1)[:, : ink.shape[1] // BLOCK]
    either = packed.copy()
    either[1:] |= packed[:-1]
    bare = ~either
    filled: Ink = (bare & (bare - 1)) == 0  # at most one column is bare
    return filled


def _filled_blocks_of_turned(turned: Ink) -> Ink:
    """The same for a view of a page turned on its side, at a third of the cost: read upright, 32
    neighbouring columns are looked at with one instruction."""
    height, width = turned.shape[1], turned.shape[0]
    packed = np.packbits(turned.T, axis=1)[: height - height % BLOCK]
    either = packed | (packed >> 1)
    either[:, 1:] |= packed[:, :-1] << 7
    rows = either.reshape(-1, BLOCK, either.shape[1])
    all_inked, one_bare = rows[:, 0], np.full_like(rows[:, 0], 255)
    for at in range(1, BLOCK):
        one_bare = (one_bare & rows[:, at]) | all_inked
        all_inked = all_inked & rows[:, at]
    filled = np.unpackbits(one_bare, axis=1, count=width).T
    return np.ascontiguousarray(filled).view(np.bool_)


def _may_have_rules(blocks: Ink) -> bool:
    """A quick look that spares most pages the search: whether most stretches of the page have a
    row that is inked all through."""
    whole = blocks.shape[1] // _GROUP
    if not whole:
        return True
    groups = np.packbits(blocks, axis=1)
    near = groups.copy()
    near[1:] |= groups[:-1]
    near[:-1] |= groups[1:]
    through = _BITS.take(near)
    through[:, whole - 1] += through[:, whole:].sum(axis=1, dtype=np.uint8)  # of what remains
    share = (through[:, :whole] >= _GROUP_FILLED).any(axis=0).mean()
    return bool(share >= _LEAST_SPAN * _LEAST_COVER)


def _steep_slopes(blocks: Ink) -> list[float]:
    """The slopes along which most of the page's width may be inked all through, at a quick look."""
    height, count = blocks.shape
    whole = count // _GROUP * _GROUP
    if not whole:
        return []
    low = blocks[: height // _ROWS * _ROWS, :whole]
    cells = np.pad(low.reshape(-1, _ROWS, whole).any(axis=1), ((1, 1), (0, 0)))
    near = (cells[:-2] | cells[1:-1] | cells[2:]).astype(np.uint8)
    through = cells.any(axis=0).reshape(-1, _GROUP).sum(axis=1) >= _GROUP_FILLED
    if through.mean() < _STEEP_SPAN:
        return []
    return [slope for slope in _SLOPES if _leveled(near, slope) >= _STEEP_SPAN]


def _leveled(near: NDArray[np.uint8], slope: float) -> float:
    """The share of groups of blocks that have an inked row, what rises by `slope` made level."""
    rows, columns = _sheared(near.shape, slope)
    groups = near[rows, columns].reshape(len(near), -1, _GROUP).sum(axis=2, dtype=np.uint8)
    return float((groups >= _GROUP_FILLED).any(axis=0).mean())


@cache
def _sheared(shape: tuple[int, int], slope: float) -> tuple[Ints, Ints]:
    """Which cells lie along lines of `slope`; those beyond an edge are taken at the edge."""
    columns = np.arange(shape[1])
    drop = np.rint(slope * BLOCK / _ROWS * columns).astype(np.int64)
    return (np.arange(shape[0])[:, None] + drop).clip(0, shape[0] - 1), columns


def _straightest(blocks: Ink, slope: float) -> tuple[int, float, int, int] | None:
    """(row at its start, rise a column, first block, last block exclusive) of the straight line
    that runs through the most filled blocks, if it is long enough for a rule; within `STEEPEST`
    of `slope`."""
    height, count = blocks.shape
    most = int(STEEPEST * count * BLOCK)
    usual = round(slope * count * BLOCK)
    best, found = _LEAST_SPAN * _LEAST_COVER * count, None
    # How many are filled in a row before each block, so that a level stretch is one difference.
    before = np.zeros((count + 1, height), np.int16)
    np.cumsum(blocks.T, axis=0, out=before[1:])
    # Rows that the line falls by over the page; among equals the most level.
    for drop in sorted(range(usual - most, usual + most + 1), key=lambda d: abs(d - usual)):
        low, high = max(0, -drop), height - max(0, drop)
        if high <= low:
            continue
        offsets, stretches = _course(drop, count)
        total = np.zeros(high - low, np.int16)
        for first, last, offset in stretches:
            total += before[last, low + offset : high + offset]
            total -= before[first, low + offset : high + offset]
        at = int(total.argmax())
        if total[at] > best:
            ends = _longest(blocks[low + at + offsets, np.arange(count)])
            if ends is not None:
                best = float(total[at])
                rise = drop / max(count - 1, 1) / BLOCK
                found = (low + at + int(offsets[ends[0]]), rise, *ends)
    return found


@cache
def _course(drop: int, count: int) -> tuple[Ints, list[tuple[int, int, int]]]:
    """By how many rows a line that falls by `drop` over `count` blocks has fallen at each; and its
    level stretches: first block, last block exclusive, rows."""
    offsets = np.rint(np.linspace(0, drop, count)).astype(np.int64)
    steps = [0, *(np.flatnonzero(np.diff(offsets)) + 1).tolist(), count]
    return offsets, [(a, b, int(offsets[a])) for a, b in pairwise(steps)]


def _longest(filled: Ink) -> tuple[int, int] | None:
    """First and last block (exclusive) of a stretch that is covered well and spans enough."""
    inked = np.flatnonzero(filled)
    first, last = int(inked[0]), int(inked[-1]) + 1
    # Letters on the same height beyond a gap are no part of the line.
    while last - first >= _LEAST_SPAN * len(filled):
        if filled[first:last].mean() >= _LEAST_COVER:
            return first, last
        inside = np.flatnonzero(filled[first:last]) + first
        left, right = int(inside[1]) - first, last - int(inside[-2]) - 1
        first, last = (int(inside[1]), last) if left >= right else (first, int(inside[-2]) + 1)
    return None
