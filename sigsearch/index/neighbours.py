"""The door to nearest-neighbour search: whoever stands behind it adds, removes and searches.

A structure is a cache of the store's vectors. It can be thrown away at any time, so it needs
no durability of its own; a distributed engine may stand behind the same door.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from sigsearch.index.exact import ExactStructure
    from sigsearch.index.flat import FlatStructure

Floats = npt.NDArray[np.float32]
Ids = npt.NDArray[np.int64]

# Below this many references a scan of the store with numpy is quicker than importing faiss.
NUMPY_UP_TO = 20_000


class Structure(Protocol):
    """Vectors under reference ids; similarity is the inner product, higher is closer."""

    kind: str

    def __len__(self) -> int: ...

    def add(self, ids: Ids, vectors: Floats) -> None:
        """Take in (n, d) vectors under ids that are not held yet."""

    def remove(self, ids: Ids) -> None:
        """Let ids go; unknown ones are ignored."""

    def search(self, vectors: Floats, count: int) -> tuple[Floats, Ids]:
        """The `count` closest per row, best first: similarities and ids, each (n, count).

        Where fewer are found the row ends in -inf and id -1.
        """

    def snapshot(self, path: Path) -> None:
        """Write the structure to a file."""


def kind_for(references: int) -> str:
    """The kind of structure that suits so many references."""
    return "numpy exact" if references <= NUMPY_UP_TO else "faiss flat"


def empty_structure(dimensions: int, expected: int) -> Structure:
    """A structure fit for so many references."""
    return _class_of(kind_for(expected))(dimensions)


def load_structure(kind: str, path: Path) -> Structure:
    """The structure in a file that `snapshot` wrote; the caller has checked its hash."""
    return _class_of(kind).load(path)


def _class_of(kind: str) -> type[ExactStructure] | type[FlatStructure]:
    if kind == "numpy exact":
        from sigsearch.index.exact import ExactStructure

        return ExactStructure
    from sigsearch.index.flat import FlatStructure

    return FlatStructure
