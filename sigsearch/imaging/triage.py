"""A cheap look at a view, before the segmentation: whether anything on it may be print, a box or a
stamp. Most clean scans are spared the segmentation by it.

Three small layers, in whole numbers that floats hold exactly: in which order they are added does
not matter, so every processor answers alike. How they were found:
`sigsearch.training.segmenter.triage`.
"""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sigsearch.models.folder import ModelFolder

Maps = NDArray[np.float32]

WEIGHTS = Path(__file__).with_name("triage.npz")
PATCH = 4
"""Pixels a side of the squares into which a view is cut first."""


def may_hold_print(view: NDArray[np.uint8]) -> bool:
    """Whether the segmentation may take ink from `view`, uint8 (2, height, width) as
    `sigsearch.imaging.view` makes it.

    Raises EncoderError when the weights cannot be read.
    """
    return doubt(view, _weights()) > 0


def doubt(view: NDArray[np.uint8], weights: dict[str, Maps]) -> float:
    """How likely there is something to take out: above 0 the segmentation is asked."""
    maps = _step(_patches(view), weights, "patch")
    for layer in ("middle", "last"):
        maps = _step(_around(maps), weights, layer)
    flat = maps.reshape(-1, maps.shape[-1])
    whole = np.concatenate([flat.max(axis=0), flat.sum(axis=0)]).astype(np.float64)
    return float(whole @ weights["whole"] + weights["whole_bias"])


def _patches(view: NDArray[np.uint8]) -> Maps:
    """(height / PATCH, width / PATCH, all values of a square)."""
    channels, height, width = view.shape
    squares = view.reshape(channels, height // PATCH, PATCH, width // PATCH, PATCH)
    flat = squares.transpose(1, 3, 0, 2, 4).reshape(height // PATCH, width // PATCH, -1)
    return flat.astype(np.float32)


def _around(maps: Maps) -> Maps:
    """Of every other place, the values of the nine around it, nothing beyond the edges."""
    height, width, channels = maps.shape
    wide = np.zeros((height + 2, width + 2, channels), np.float32)
    wide[1:-1, 1:-1] = maps
    tall, broad = -(-height // 2), -(-width // 2)
    return np.concatenate(
        [
            wide[down : down + 2 * tall - 1 : 2, right : right + 2 * broad - 1 : 2]
            for down in range(3)
            for right in range(3)
        ],
        axis=2,
    )


def _step(maps: Maps, weights: dict[str, Maps], layer: str) -> Maps:
    # Row by row: a product of all at once wakes BLAS's threads, whose waiting costs more than it
    total = maps @ weights[layer]
    total += weights[f"{layer}_bias"]
    total *= weights[f"{layer}_scale"]
    np.clip(np.rint(total, out=total), 0, 255, out=total)
    return total


@cache
def _weights() -> dict[str, Maps]:
    data = ModelFolder.of(WEIGHTS.parent, WEIGHTS.stem + ".json").read(WEIGHTS.name)
    with np.load(io.BytesIO(data), allow_pickle=False) as held:
        return {name: held[name] for name in held.files}
