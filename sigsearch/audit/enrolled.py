"""What an audit looks at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np

from sigsearch.arrays import Ids, Singles
from sigsearch.encoder import Embeddings

Near: TypeAlias = Callable[[Singles, int], Iterable[Sequence[str]]]
"""For each of (n, d) global vectors the names of the so many nearest writers, nearest first."""
Watch: TypeAlias = Callable[[range, str], Iterable[int]]
"""May wrap the steps of a long work, named, for a progress bar."""


class StoredReadings(Protocol):
    """`sigsearch.encoder.Embeddings` is one; those of an index are read when they are asked for."""

    def __getitem__(self, rows: Ids, /) -> Embeddings: ...


class Fingerprints(Protocol):
    """A sequence of them is one."""

    def __getitem__(self, row: int, /) -> bytes | None: ...


@dataclass(frozen=True, slots=True)
class Enrolled:
    """References in a fixed order: names (n,) of their writers, their sources, content hashes,
    warnings and, where there is one, a fingerprint for the copy alarm (or None).

    near: how the nearest writers are found; without it every reference is compared with all, which
    is for a few thousand.
    """

    names: Sequence[str]
    sources: Sequence[str]
    hashes: Sequence[str]
    warnings: Sequence[tuple[str, ...]]
    fingerprints: Fingerprints
    readings: StoredReadings
    near: Near | None = None


def unwatched(steps: range, _label: str) -> Iterable[int]:
    """No progress bar."""
    return steps


def members_of(writers: Ids) -> list[Ids]:
    """The rows of each writer, given the writer's number of each row."""
    ends = np.cumsum(np.bincount(writers))[:-1]
    return np.split(np.argsort(writers, kind="stable"), ends)
