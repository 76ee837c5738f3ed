"""Ink of real signatures, to be put on composed pages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sigsearch.datasets import Protocol, Sample, drop_copies, read_datasets
from sigsearch.datasets.signatures import signature_of
from sigsearch.errors import ImageError, SigsearchError
from sigsearch.synthesis.documents.hands import invented_signature, tight

_INVENTED = 0.45  # of the signatures on pages
_NARROWEST, _WIDEST, _HIGHEST = 22.0, 85.0, 32.0  # millimetres, as people sign
Ink = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class MixedSigner:
    """Signs with invented writers and with real ink in turn: a Signer of composed pages."""

    inks: Sequence[Ink]

    def __call__(self, rng: np.random.Generator, dpi: int) -> Ink:
        from PIL import Image

        if not self.inks or rng.random() < _INVENTED:
            return invented_signature(rng, dpi)
        ink = self.inks[int(rng.integers(len(self.inks)))]
        wide = min(rng.uniform(_NARROWEST, _WIDEST), _HIGHEST * ink.shape[1] / ink.shape[0])
        width = max(round(wide * dpi / 25.4), 4)
        size = (width, max(round(ink.shape[0] * width / ink.shape[1]), 4))
        drawn = Image.fromarray(ink).resize(size, Image.Resampling.BOX)
        gain = 255 / max(float(np.percentile(np.asarray(drawn), 99)), 60.0)
        return tight(np.asarray(drawn.point(lambda v: min(int(v * gain), 255))))


def real_inks(paths: Iterable[Path], protocol: Protocol, each: int, seed: int) -> list[Ink]:
    """Genuine ink of training writers, at most `each` of a set: 255 = ink."""
    rng, inks = np.random.default_rng(seed), []
    for path in paths:
        for dataset in read_datasets(path):
            if not protocol.knows(dataset):
                continue
            samples = [
                s for s in drop_copies(protocol.select(dataset, "train")).samples if s.genuine
            ]
            for at in rng.permutation(len(samples))[:each]:
                ink = _ink_of(samples[at])
                if ink is not None:
                    inks.append(ink)
    return inks


def _ink_of(sample: Sample) -> Ink | None:
    try:
        ink = signature_of(sample).ink
    except (ImageError, SigsearchError):
        return None
    rows, columns = np.flatnonzero(ink.any(1)), np.flatnonzero(ink.any(0))
    cut = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return np.asarray(cut, np.uint8) * np.uint8(255)
