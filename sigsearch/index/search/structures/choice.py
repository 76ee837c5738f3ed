"""Which structure suits so many references."""

from __future__ import annotations

from sigsearch.index.search.shelf import Shelf
from sigsearch.index.search.structures.protocol import (
    CLUSTERS,
    EXACT_UP_TO,
    FLAT,
    NUMPY,
    NUMPY_UP_TO,
    Structure,
)


def kind_for(references: int) -> str:
    """The kind of structure that suits so many references."""
    if references <= NUMPY_UP_TO:
        return NUMPY
    return FLAT if references <= EXACT_UP_TO else CLUSTERS


def empty_exact(kind: str, dimensions: int) -> Structure:
    """An exact structure; it needs no training."""
    if kind == NUMPY:
        from sigsearch.index.search.structures.exact import ExactStructure

        return ExactStructure(dimensions)
    from sigsearch.index.search.structures.flat import FlatStructure

    return FlatStructure(dimensions)


def load_structure(kind: str, shelf: Shelf) -> Structure:
    """The structure that `snapshot` wrote; the caller has checked the hashes."""
    if kind == NUMPY:
        from sigsearch.index.search.structures.exact import ExactStructure

        return ExactStructure.load(shelf)
    if kind == FLAT:
        from sigsearch.index.search.structures.flat import FlatStructure

        return FlatStructure.load(shelf)
    from sigsearch.index.search.structures.layered import LayeredStructure

    return LayeredStructure.load(shelf)
