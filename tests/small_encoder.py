"""A small encoder without weights, for tests: a real one (patch means, projected), but modest.

It keeps unit tests quick and independent of the weights that ship; golden and end-to-end tests use
the shipped encoder.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from sigsearch.calibration.logistic import fit_calibration
from sigsearch.encoder import Encoder, ModelCard
from sigsearch.engine.judge import Judge, keep_calibration, matcher_of
from sigsearch.imaging import CANVAS_SHAPE, PREPROCESSING_VERSION, signature_from_ink
from sigsearch.matching.calibration import CalibrationSet
from sigsearch.matching.fusion import FusionWeights
from sigsearch.metrics import Comparisons
from sigsearch.models.folder import hashes_of
from sigsearch.synthesis import Writer

PATCH, DIMENSIONS = 16, 64
GRID = (CANVAS_SHAPE[0] // PATCH, CANVAS_SHAPE[1] // PATCH)


class PatchNetwork:
    """Takes the place of an ONNX session: blurred ink, projected; and 4 x 4 means of each patch."""

    def __init__(self) -> None:
        size = (CANVAS_SHAPE[0] // 8) * (CANVAS_SHAPE[1] // 8)
        self._projection = np.random.default_rng(0).normal(size=(size, DIMENSIONS))

    def run(self, _outputs: None, feeds: dict[str, Any]) -> tuple[Any, Any, Any]:
        ink = feeds["canvases"][:, 0].astype(np.float32) / 255
        n = len(ink)
        coarse = ink.reshape(n, CANVAS_SHAPE[0] // 8, 8, CANVAS_SHAPE[1] // 8, 8).mean((2, 4))
        vectors = np.sqrt(coarse).reshape(n, -1) @ self._projection
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        cells = ink.reshape(n, GRID[0], 4, 4, GRID[1], 4, 4).mean((3, 6)).transpose(0, 1, 3, 2, 4)
        tokens = cells.reshape(n, GRID[0] * GRID[1], 16) + 0.01
        share = tokens.sum(2)
        tokens /= np.linalg.norm(tokens, axis=2, keepdims=True)
        weights = np.where(share > 0.17, share, 0)
        weights /= np.maximum(weights.max(1, keepdims=True), 1e-6)
        return (
            vectors.astype(np.float32),
            (tokens * 127).round().astype(np.int8),
            (weights * 255).round().astype(np.uint8),
        )


def make_encoder(folder: Path, name: str) -> Encoder:
    np.savez(
        folder / "matcher.npz",
        grid=np.array(GRID),
        reach=np.array((2, 3)),
        scale=8.0,
        bias=-5.0,
        common=0.25,
        pair=np.array((4.0, 1.0, 0.0)),
    )
    card = ModelCard(
        id=name,
        dimensions=DIMENSIONS,
        token_shape=(*GRID, 16),
        canvas_shape=CANVAS_SHAPE,
        preprocessing_version=PREPROCESSING_VERSION,
        files=hashes_of(folder, ["matcher.npz"]),
    )
    card.save(folder)
    made = Encoder(card, folder, PatchNetwork())
    keep_calibration(made, _calibrate(made))
    return made


def _calibrate(encoder: Encoder) -> CalibrationSet:
    """Pair scores of 12 invented writers: own against own, own against the next writer's."""
    readings = [
        encoder.embed([signature_from_ink(Writer.from_seed(900 + w).specimen(k).mask)
                       for k in range(4)])
        for w in range(12)
    ]  # fmt: skip
    judge = Judge(matcher_of(encoder), CalibrationSet("", "", FUSION, ()))
    own = [judge.pair_scores(r, r)[~np.eye(4, dtype=bool)] for r in readings]
    other = [judge.pair_scores(r, readings[(w + 1) % 12]).ravel() for w, r in enumerate(readings)]
    middle = float(np.mean(own))
    weights = FusionWeights(agreement=middle)
    shift = weights.own * middle
    calibrations = [
        fit_calibration(
            _comparisons(own, shift),
            _comparisons(other, shift),
            population="invented writers",
            proposition=proposition,
            references=references,
        )
        for proposition in ("skilled", "random", "both")
        for references in (1, 2, 3)
    ]
    return CalibrationSet("invented writers", encoder.card.id, weights, tuple(calibrations))


FUSION = FusionWeights()


def _comparisons(scores: list[np.ndarray], shift: float) -> Comparisons:
    values = np.concatenate(scores).astype(np.float64) - shift
    writers = np.repeat(np.arange(len(scores)), [len(s) for s in scores])
    return Comparisons(values, writers, np.ones(len(values)))
