"""The door to nearest-neighbour search: whoever stands behind it adds, removes and searches.

A structure is a cache of the store's vectors. It can be thrown away at any time, so it needs
no durability of its own; a distributed engine may stand behind the same door.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from sigsearch.index.search.shelf import Shelf

Floats = npt.NDArray[np.float32]
Ids = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

NUMPY, FLAT, CLUSTERS = "numpy exact", "faiss flat", "faiss ivf"

# Below this many references a scan of the store with numpy is quicker than importing faiss.
NUMPY_UP_TO = 20_000
# Above this many, clusters answer several times quicker than comparing with everything.
EXACT_UP_TO = 40_000


class Structure(Protocol):
    """Vectors under reference ids; similarity is the inner product, higher is closer."""

    kind: str
    approximate: bool

    @property
    def looked_at(self) -> int:
        """So many references are asked for at least, however few are wanted: an approximate
        structure tells near from far, not nearest from next."""

    @property
    def recall(self) -> float:
        """Rank-1 agreement with exact search, as measured when it was built."""

    def __len__(self) -> int: ...

    def add(self, ids: Ids, vectors: Floats) -> None:
        """Take in (n, d) vectors under ids higher than all that were ever held."""

    def remove(self, ids: Ids) -> None:
        """Let ids go; unknown ones are ignored."""

    def search(
        self, vectors: Floats, count: int, allowed: Mask | None = None, effort: int = 1
    ) -> tuple[Floats, Ids]:
        """The `count` closest per row, best first: similarities and ids, each (n, count).

        Where fewer are found the row ends in -inf and id -1. `allowed` says by reference id
        which may be found. An approximate structure looks `effort` times as far as usual.
        """

    def worn(self) -> bool:
        """Whether building it anew would make searching notably quicker."""

    def snapshot(self, shelf: Shelf) -> None:
        """Write the structure's files.

        Files named *.mapped are not read whole when they are opened: the structure itself
        checks what it uses of them. All others are covered by the hash of the snapshot.
        """
