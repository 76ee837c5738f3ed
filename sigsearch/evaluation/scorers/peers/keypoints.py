"""ORB and SIFT: local features matched with Lowe's ratio test (needs `sigsearch[peers]`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from sigsearch.arrays import Ids, Singles
from sigsearch.errors import DatasetError
from sigsearch.imaging import PREPROCESSING_VERSION, Signature
from sigsearch.trials.scorer import Features, mean_score

_MOST = 150  # key points an image
_RATIO = 0.8


class Keypoints:
    """The share of key points whose best match is clearly better than their second best."""

    searches = False  # a millisecond a pair is too slow to search with

    def __init__(self, method: str) -> None:
        try:
            import cv2
        except ImportError as error:
            raise DatasetError(f"{method} needs OpenCV: pip install 'sigsearch[peers]'") from error
        cv2.setNumThreads(1)
        self.name = method.upper()
        self.id = f"{method}-1-{PREPROCESSING_VERSION}"
        library: Any = cv2  # its type stubs lack the two makers
        self._orb = method == "orb"
        self._finder = (
            library.ORB_create(_MOST, fastThreshold=5, edgeThreshold=8, patchSize=24)
            if self._orb
            else library.SIFT_create(_MOST)
        )

    def prepare(self, signatures: Sequence[Signature]) -> Features:
        descriptors = np.zeros((len(signatures), _MOST, 32 if self._orb else 128), np.uint8)
        counts = np.zeros(len(signatures), np.int64)
        for row, signature in enumerate(signatures):
            found = self._finder.detectAndCompute(signature.canvas, None)[1]
            if found is not None:
                counts[row] = min(len(found), _MOST)
                descriptors[row, : counts[row]] = found[:_MOST]  # SIFT's are whole numbers
        return {"descriptors": descriptors, "counts": counts}

    def compare(self, questioned: Features, references: Features) -> Singles:
        a, b = self._vectors(questioned), self._vectors(references)
        count_b = references["counts"]
        scores = np.zeros((len(a), len(b)), np.float32)
        for row, count in enumerate(questioned["counts"].tolist()):
            distance = self._distances(a[row, :count], b, count_b)
            first, second = np.partition(distance, 1, axis=2)[..., :2].transpose(2, 1, 0)
            good = (first < _RATIO * second).sum(axis=1)
            scores[row] = good / np.maximum(np.minimum(count, count_b), 1)
        return scores

    def _vectors(self, features: Features) -> Singles:
        found = features["descriptors"]
        # Bits as -1 and 1: their products tell in how many bits two descriptors differ.
        return np.unpackbits(found, axis=2) * np.float32(2) - 1 if self._orb else found.astype("f4")

    def _distances(self, a: Singles, b: Singles, counts: Ids) -> Singles:
        """(key points of a, references, their key points); those that are not there are far."""
        products = np.einsum("kd,rjd->krj", a, b, optimize=True)
        if self._orb:
            distance = (a.shape[1] - products) / 2
        else:
            lengths = (a**2).sum(axis=1)[:, None, None] + (b**2).sum(axis=2)[None]
            distance = np.sqrt(np.maximum(lengths - 2 * products, 0))
        far: Singles = np.where(np.arange(b.shape[1]) < counts[:, None], distance, np.float32(1e6))
        return far

    def screen(self, questioned: Features, references: Features) -> None:
        return None

    def fuse(self, questioned: Singles, own: Singles) -> Singles:
        return mean_score(questioned, own)
