"""What can be evaluated: anything that turns signatures into features and compares these."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sigsearch.arrays import AnyArray, Ids, Singles
from sigsearch.imaging import Signature

Features = Mapping[str, AnyArray]
"""Named arrays, one row a signature: what they mean is the scorer's own business."""


class Scorer(Protocol):
    """An encoder, a baseline or a peer.

    `id` names the features and everything that they depend on; they are cached under it.
    `searches` is False for scorers too slow, or not meant, to search 1:N. One that fuses otherwise
    in a search may have `fuse_for_search`, which takes what `fuse` takes.
    """

    @property
    def name(self) -> str: ...

    @property
    def id(self) -> str: ...

    @property
    def searches(self) -> bool: ...

    def prepare(self, signatures: Sequence[Signature]) -> Features:
        """Features of a batch, one row a signature."""
        ...

    def compare(self, questioned: Features, references: Features) -> Singles:
        """Similarities (questioned, references); higher = closer. Further channels may stand on a
        last axis, for `fuse` to weigh."""
        ...

    def screen(self, questioned: Features, references: Features) -> Singles | None:
        """Cheaper similarities, to choose the writers of a search that `compare` then looks at.

        None when `compare` is cheap enough to look at all of them.
        """
        ...

    def fuse(self, questioned: Singles, own: Singles) -> Singles:
        """Scores (n,) from similarities to a writer's references (n, R) and among these (R, R)."""
        ...


def take(features: Features, rows: NDArray[np.integer]) -> Features:
    """The features of some signatures."""
    return {name: values[rows] for name, values in features.items()}


def join(parts: Sequence[Features]) -> Features:
    """The features of several batches, in order."""
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def mean_score(questioned: Singles, own: Singles) -> Singles:
    """The plain mean over the references, for scorers without a fusion of their own."""
    mean: Singles = questioned.mean(axis=1)
    return mean


def comparing(scorer: Scorer, features: Features) -> Callable[[Ids, Ids], Singles]:
    """`scorer.compare` of rows of `features`."""
    return lambda a, b: scorer.compare(take(features, a), take(features, b))
