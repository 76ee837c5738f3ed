"""Structural similarity of the normalised images (Wang and others, IEEE TIP 13, 2004).

Over windows of 8 x 8 that do not overlap, so that a whole matrix of pairs is one product a window.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sigsearch.arrays import Singles
from sigsearch.imaging import PREPROCESSING_VERSION, Signature
from sigsearch.trials.scorer import Features, mean_score

_WINDOW = 8
_STABLE_MEAN, _STABLE_SPREAD = (0.01 * 255) ** 2, (0.03 * 255) ** 2


class Ssim:
    name = "structural similarity"
    id = f"ssim-1-{PREPROCESSING_VERSION}"
    searches = True

    def prepare(self, signatures: Sequence[Signature]) -> Features:
        # Half size: a pixel's shift should not decide.
        full = np.stack([signature.canvas for signature in signatures]).astype(np.float32)
        half = full.reshape(len(full), full.shape[1] // 2, 2, -1, 2).mean(axis=(2, 4))
        count, height, width = half.shape
        tiles = half.reshape(count, height // _WINDOW, _WINDOW, width // _WINDOW, _WINDOW)
        windows = tiles.transpose(0, 1, 3, 2, 4).reshape(count, -1, _WINDOW**2)
        return {"windows": windows.astype(np.uint8)}

    def compare(self, questioned: Features, references: Features) -> Singles:
        a, b = (side["windows"].astype(np.float32) for side in (questioned, references))
        total = np.zeros((len(a), len(b)), np.float32)
        for window in range(a.shape[1]):
            total += _similarity(a[:, window], b[:, window])
        return total / np.float32(a.shape[1])

    def screen(self, questioned: Features, references: Features) -> None:
        return None

    def fuse(self, questioned: Singles, own: Singles) -> Singles:
        return mean_score(questioned, own)


def _similarity(a: Singles, b: Singles) -> Singles:
    mean_a, mean_b = a.mean(axis=1)[:, None], b.mean(axis=1)[None, :]
    spread = a.var(axis=1)[:, None] + b.var(axis=1)[None, :] + _STABLE_SPREAD
    together = (a - mean_a) @ (b - mean_b.T).T / a.shape[1]
    bright = (2 * mean_a * mean_b + _STABLE_MEAN) / (mean_a**2 + mean_b**2 + _STABLE_MEAN)
    similar: Singles = bright * (2 * together + _STABLE_SPREAD) / spread
    return similar
