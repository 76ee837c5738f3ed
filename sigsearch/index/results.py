"""What an index answers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from sigsearch.schema import Jsonable, places


@dataclass(frozen=True, slots=True)
class Neighbour:
    """One writer near one questioned vector."""

    writer: str
    similarity: float
    reference_count: int


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The closest writers of a batch of n vectors, one column per writer, best first.

    `similarity` (n, k) float32 is that of the writer's closest reference; `writers` (n, k)
    holds names, `reference_counts` (n, k) int64 how many each has enrolled; all from one
    `generation`, in which there were `writer_count` writers to find. k is what was asked for, or
    `writer_count` if that is smaller.
    """

    similarity: npt.NDArray[np.float32]
    writers: npt.NDArray[np.object_]
    reference_counts: npt.NDArray[np.int64]
    generation: int
    writer_count: int

    def __post_init__(self) -> None:
        if not self.similarity.shape == self.writers.shape == self.reference_counts.shape:
            raise ValueError("similarity, writers and reference_counts must have one shape")

    def __len__(self) -> int:
        return len(self.similarity)

    def __getitem__(self, row: int) -> tuple[Neighbour, ...]:
        """The writers near questioned vector `row`, best first."""
        return tuple(
            Neighbour(writer, float(similarity), int(count))
            for writer, similarity, count in zip(
                self.writers[row], self.similarity[row], self.reference_counts[row], strict=True
            )
        )

    def __iter__(self) -> Iterator[tuple[Neighbour, ...]]:
        return (self[row] for row in range(len(self)))


def nothing(rows: int, generation: int) -> Neighbours:
    """What a search finds where nobody is enrolled."""
    empty = (rows, 0)
    similarity = np.zeros(empty, np.float32)
    return Neighbours(
        similarity, np.zeros(empty, object), np.zeros(empty, np.int64), generation, writer_count=0
    )


@dataclass(frozen=True, slots=True)
class IndexInfo(Jsonable):
    """An index at a glance; `bytes` is what its files take on disk."""

    path: str
    format: int
    encoder: str
    preprocessing_version: int
    dimensions: int
    metric: str
    generation: int
    writer_count: int
    reference_count: int
    bytes: int
    structure: str
    # Rank-1 agreement with exact search; None until clusters are built.
    recall: float | None = field(metadata=places(None))
    # Which codes stand for vectors in clusters, and one that would be faster on this processor, as
    # measured when they were built; None where there is none.
    code: str | None = None
    faster_code: str | None = None


@dataclass(frozen=True, slots=True)
class LogEntry(Jsonable):
    """One event; `hash` covers all other fields, `previous` is the hash of the entry before."""

    decimals: ClassVar[int | None] = None

    number: int
    at: str
    event: str
    writers: tuple[int | None, ...]
    facts: Mapping[str, Any]
    previous: str
    hash: str = ""

    def digest(self) -> str:
        return _digest(self, but="hash")


@dataclass(frozen=True, slots=True)
class SearchedFile(Jsonable):
    path: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Receipt(Jsonable):
    """What was erased, and which files (by hash) were searched for pieces of it in vain: none in an
    encrypted index, where nothing could be found.

    `shared` counts pieces that living writers have as well (a metadata value, a duplicate
    image) and that therefore stay; `too_short` those that cannot be told from chance.
    `overwritten` says whether the files that this erasure removed were overwritten in place before
    they went; False if a reader kept them open: they were unlinked only. `not_shown` says what no
    search of the index's files can show. `destroy` says what must be destroyed elsewhere, and by
    what command, when the index got a new key. `incomplete` says what kept the erasure from its
    end; None when it was complete.
    `sha256` is that of all the rest, "" until it is `sealed`.
    """

    writer: str
    reference_count: int
    generation: int
    erased_at: str
    overwritten: bool
    pieces: dict[str, int]
    shared: int
    too_short: int
    files: tuple[SearchedFile, ...]
    not_shown: tuple[str, ...] = ()
    destroy: str | None = None
    incomplete: str | None = None
    sha256: str = ""

    def sealed(self) -> Receipt:
        """With the hash of its own content."""
        return replace(self, sha256=_digest(self, but="sha256"))


def _digest(result: Jsonable, but: str) -> str:
    """SHA-256 of what a result holds, `but` the field for the hash itself."""
    content = result.to_dict()
    del content[but]
    body = json.dumps(content, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(body.encode()).hexdigest()
