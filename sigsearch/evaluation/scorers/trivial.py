"""Content-free baselines: what a comparison gives that never looks at the shape of a signature.

Where one of these does well, the dataset leaks: genuine signatures and forgeries were scanned, or
written, differently. Every figure is printed beside them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sigsearch.arrays import Singles
from sigsearch.imaging import PREPROCESSING_VERSION, Signature
from sigsearch.trials.scorer import Features, mean_score

PROPERTIES = {
    "paper grey": ("grey",),
    "stroke width": ("stroke",),
    "file height": ("height",),
    "box size": ("box_width", "box_height"),
    "ink density": ("density",),
}
COMBINED = "trivial combined"


@dataclass(frozen=True, slots=True)
class Trivial:
    """One property of the file; similarity is minus the difference."""

    name: str
    searches: bool = False

    @property
    def id(self) -> str:
        # All share one set of features, which is therefore cached once.
        return f"trivial-1-{PREPROCESSING_VERSION}"

    def prepare(self, signatures: Sequence[Signature]) -> Features:
        rows = np.array([measure(signature) for signature in signatures], np.float32)
        names = ("grey", "stroke", "height", "box_width", "box_height", "density")
        return dict(zip(names, rows.T, strict=True))

    def compare(self, questioned: Features, references: Features) -> Singles:
        total = np.zeros((len(questioned["grey"]), len(references["grey"])), np.float32)
        for key in PROPERTIES[self.name]:
            total -= np.abs(questioned[key][:, None] - references[key][None, :])
        return total

    def screen(self, questioned: Features, references: Features) -> None:
        return None

    def fuse(self, questioned: Singles, own: Singles) -> Singles:
        return mean_score(questioned, own)


def measure(signature: Signature) -> tuple[float, ...]:
    """Grey in levels; lengths and shares as logarithms, so that their ratio is what counts."""
    left, top, right, bottom = signature.box
    return (
        signature.grey_median,
        float(np.log(signature.stroke)),
        float(np.log(signature.page_size[1])),
        float(np.log(right - left)),
        float(np.log(bottom - top)),
        float(np.log(signature.ink.mean())),
    )


def trivial_scorers() -> list[Trivial]:
    return [Trivial(name) for name in PROPERTIES]
