"""Histograms of oriented gradients (Dalal and Triggs, CVPR 2005), compared by cosine.

Eight directions in cells of 16 x 16, each cell normalised with its neighbours.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sigsearch.arrays import Singles
from sigsearch.imaging import PREPROCESSING_VERSION, Signature
from sigsearch.trials.scorer import Features, mean_score

_CELL, _DIRECTIONS = 16, 8


class Hog:
    name = "oriented gradients"
    id = f"hog-1-{PREPROCESSING_VERSION}"
    searches = True

    def prepare(self, signatures: Sequence[Signature]) -> Features:
        return {"hog": np.stack([_describe(s.canvas.astype(np.float32)) for s in signatures])}

    def compare(self, questioned: Features, references: Features) -> Singles:
        similar: Singles = questioned["hog"] @ references["hog"].T
        return similar

    def screen(self, questioned: Features, references: Features) -> None:
        return None

    def fuse(self, questioned: Singles, own: Singles) -> Singles:
        return mean_score(questioned, own)


def _describe(canvas: Singles) -> Singles:
    down, right = np.gradient(canvas)
    strength = np.hypot(down, right)
    angle = np.arctan2(down, right) % np.pi  # ink on paper or paper on ink: the same stroke
    direction = np.minimum((angle / np.pi * _DIRECTIONS).astype(int), _DIRECTIONS - 1)
    rows, columns = canvas.shape[0] // _CELL, canvas.shape[1] // _CELL
    row, column = np.indices(canvas.shape) // _CELL
    place = (row * columns + column) * _DIRECTIONS + direction
    cells = np.bincount(place.ravel(), strength.ravel(), minlength=rows * columns * _DIRECTIONS)
    cells = cells.reshape(rows, columns, _DIRECTIONS)
    blocks = np.lib.stride_tricks.sliding_window_view(cells, (2, 2), axis=(0, 1))
    blocks = blocks.reshape(-1, _DIRECTIONS * 4)
    blocks = blocks / (np.linalg.norm(blocks, axis=1, keepdims=True) + 1.0)
    flat = np.minimum(blocks, 0.2).ravel()
    vector: Singles = (flat / max(float(np.linalg.norm(flat)), 1e-9)).astype(np.float32)
    return vector
