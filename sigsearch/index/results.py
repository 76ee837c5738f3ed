"""What an index answers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
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


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One event; `hash` covers all other fields, `previous` is the hash of the entry before."""

    number: int
    at: str
    event: str
    writers: tuple[int | None, ...]
    facts: Mapping[str, Any]
    previous: str
    hash: str = ""

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "writers": list(self.writers), "facts": dict(self.facts)}

    def digest(self) -> str:
        content = self.to_dict()
        del content["hash"]
        body = json.dumps(content, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(body.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class SearchedFile:
    path: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was erased, and which files (by hash) were searched for pieces of it in vain.

    `shared` counts pieces that living writers have as well (a metadata value, a duplicate
    image) and that therefore stay; `too_short` those that cannot be told from chance.
    `overwritten` is False if a reader kept the old files open: they were unlinked only.
    `incomplete` says what kept the erasure from its end; None when it was complete.
    """

    writer: str
    references: int
    generation: int
    erased_at: str
    overwritten: bool
    pieces: dict[str, int]
    shared: int
    too_short: int
    files: tuple[SearchedFile, ...]
    incomplete: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """The receipt with the sha256 of its own content."""
        content = asdict(self)
        content["files"] = [asdict(file) for file in self.files]
        body = json.dumps(content, sort_keys=True, ensure_ascii=False)
        return {**content, "sha256": hashlib.sha256(body.encode()).hexdigest()}
