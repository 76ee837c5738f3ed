"""What a search found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Neighbour:
    """One writer near one questioned vector."""

    writer: str
    similarity: float
    references: int

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The closest writers of a batch of n vectors, one column per writer, best first.

    `similarity` (n, k) float32 is that of the writer's closest reference; `writers` (n, k)
    holds names, `references` (n, k) int64 how many each has enrolled; all from one
    `generation`, in which there were `gallery` writers to find. k is what was asked for, or
    `gallery` if that is smaller.
    """

    similarity: npt.NDArray[np.float32]
    writers: npt.NDArray[np.object_]
    references: npt.NDArray[np.int64]
    generation: int
    gallery: int

    def __post_init__(self) -> None:
        if not self.similarity.shape == self.writers.shape == self.references.shape:
            raise ValueError("similarity, writers and references must have one shape")

    def __len__(self) -> int:
        return len(self.similarity)

    def __getitem__(self, row: int) -> tuple[Neighbour, ...]:
        """The writers near questioned vector `row`, best first."""
        return tuple(
            Neighbour(writer, float(similarity), int(references))
            for writer, similarity, references in zip(
                self.writers[row], self.similarity[row], self.references[row], strict=True
            )
        )

    def __iter__(self) -> Iterator[tuple[Neighbour, ...]]:
        return (self[row] for row in range(len(self)))

    def to_dict(self) -> dict[str, Any]:
        return {
            "generation": self.generation,
            "gallery": self.gallery,
            "neighbours": [[near.to_dict() for near in row] for row in self],
        }


def nothing(rows: int, generation: int) -> Neighbours:
    """What a search finds where nobody is enrolled."""
    empty = (rows, 0)
    similarity = np.zeros(empty, np.float32)
    return Neighbours(
        similarity, np.zeros(empty, object), np.zeros(empty, np.int64), generation, gallery=0
    )


@dataclass(frozen=True, slots=True)
class IndexInfo:
    """An index at a glance; `bytes` is what its files take on disk."""

    path: str
    encoder: str
    preprocessing_version: int
    dimensions: int
    metric: str
    generation: int
    writers: int
    references: int
    bytes: int
    structure: str
    recall: float | None  # rank-1 agreement with exact search; None until clusters are built

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)
