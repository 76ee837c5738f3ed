"""Where a questioned signature agrees with the references and where it does not."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sigsearch.encoder import Embeddings
from sigsearch.matching.local import LocalMatcher

Floats = NDArray[np.float64]
_TOLD = 0.3  # evidence: less is no colour that anyone would see


def region_evidence(
    questioned: Embeddings, references: Embeddings, matcher: LocalMatcher
) -> tuple[Floats, bool]:
    """(rows, columns) in -1..1 for the questioned signature's places, 0 without ink; and whether
    it is measured against how well the references agree with one another there (two or more), or
    else against its own mean.
    """
    seen = np.mean(
        [_evidence(questioned, references[n], matcher) for n in range(len(references))], 0
    )
    among = [
        _evidence(references[a], references[b], matcher)
        for a in range(len(references))
        for b in range(len(references))
        if a != b
    ]
    inked = (questioned.weights[0] > 0).reshape(matcher.grid)
    relative = seen - (np.mean(among, 0) if among else seen[inked].mean())
    spread = float(np.std(relative[inked])) + 1e-9
    return np.where(inked, np.tanh(relative / (1.5 * spread)), 0.0), bool(among)


def extremes(
    evidence: Floats, count: int = 3
) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """The (row, column) of the places that disagree most, worst first, and that agree most; none
    within two steps of another."""
    order = [divmod(int(n), evidence.shape[1]) for n in np.argsort(evidence, axis=None)]
    worst = _apart([p for p in order if evidence[p] < -_TOLD], count)
    best = _apart([p for p in reversed(order) if evidence[p] > _TOLD], count)
    return worst, best


def crop(
    canvas: NDArray[np.uint8], place: tuple[int, int], grid: tuple[int, int]
) -> NDArray[np.uint8]:
    """What lies around a place of the canvas: ink on white, enlarged."""
    height, width = canvas.shape[0] // grid[0], canvas.shape[1] // grid[1]
    wide = np.pad(canvas, ((height, height), (2 * width, 2 * width)))
    top, left = place[0] * height, place[1] * width
    part = wide[top : top + 3 * height, left : left + 5 * width]
    bigger: NDArray[np.uint8] = (255 - part).repeat(3, 0).repeat(3, 1)
    return bigger


def _evidence(a: Embeddings, b: Embeddings, matcher: LocalMatcher) -> Floats:
    found = matcher.evidence(a, b)
    return found.astype(np.float64)


def _apart(places: list[tuple[int, int]], count: int) -> list[tuple[int, int]]:
    kept: list[tuple[int, int]] = []
    for row, column in places:
        if all(abs(row - r) > 2 or abs(column - c) > 2 for r, c in kept):
            kept.append((row, column))
    return kept[:count]
