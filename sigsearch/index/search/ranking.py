"""From the closest references to the closest writers."""

from __future__ import annotations

from itertools import repeat

import numpy as np

from sigsearch.index.keeping import Records
from sigsearch.index.search.cache import Cache
from sigsearch.index.search.structures.exact import ExactStructure
from sigsearch.index.search.structures.protocol import Floats, Ids, Mask

_UTMOST = 1 << 16
_NOBODY = -2  # the owner of what was not found
_FEW = 10_000  # references so few are compared one by one, whatever the structure


def closest_writers(
    cache: Cache, ledger: Records, vectors: Floats, count: int, allowed: Mask | None = None
) -> tuple[Floats, Ids]:
    """Similarity and writer id, each (n, count): a writer stands where its best reference does.

    The top references name the top writers exactly as soon as they name `count` of them, so
    the search widens until they do; there must be so many. What an approximate structure finds
    is weighed again with the vectors themselves.
    """
    structure = cache.structure
    if structure.approximate and allowed is not None and allowed.sum() <= _FEW:
        structure = _among(ledger, np.flatnonzero(allowed))
    size = len(structure) if allowed is None else int(allowed.sum())
    asked = min(size, max(structure.looked_at, (8 if structure.approximate else 4) * count))
    similarity, writers = np.zeros((0, count), np.float32), np.zeros((0, count), np.int64)
    todo, effort = np.arange(len(vectors)), 1
    while len(todo):
        some = vectors if len(todo) == len(vectors) else vectors[todo]
        found, ids = structure.search(some, asked, allowed, effort)
        short = bool((ids[:, -1] < 0).any())
        owners = cache.owners.take(ids)  # -1 reaches the last entry
        if short:
            owners[ids < 0] = _NOBODY
        order = None
        if structure.approximate:
            found = cache.similarity(ledger, some, ids)
            order = (-found).argsort(axis=1, kind="stable")
        columns, enough = _first_of_each(owners, order, count)
        if asked >= size and (effort >= _UTMOST or not (structure.approximate and short)):
            enough[:] = True
        row = np.arange(len(todo))[:, None]
        if len(todo) == len(vectors):
            similarity, writers = found[row, columns], owners[row, columns]
            if enough.all():  # as nearly always
                return similarity, writers
        row = row[enough]
        similarity[todo[enough]] = found[row, columns[enough]]
        writers[todo[enough]] = owners[row, columns[enough]]
        todo, asked, effort = todo[~enough], min(size, 4 * asked), 4 * effort if short else effort
    return similarity, writers


def _first_of_each(owners: Ids, order: Ids | None, wanted: int) -> tuple[Ids, Mask]:
    """Columns (n, wanted) where writers appear first, and which rows have so many.

    `order` (n, columns) says in which order the columns are looked at, otherwise as they stand. A
    row with fewer ends in -1. A plain loop: rows are short and it stops early, which for one
    query takes a tenth of the time of array operations.
    """
    columns, enough = np.full((len(owners), wanted), -1, np.int64), np.zeros(len(owners), bool)
    orders = repeat(range(owners.shape[1])) if order is None else order.tolist()
    for row, (who, along) in enumerate(zip(owners.tolist(), orders, strict=False)):
        seen: dict[int, int] = {}
        for column in along:
            owner = who[column]
            if owner not in seen and owner != _NOBODY:
                seen[owner] = column
                if len(seen) == wanted:
                    enough[row] = True
                    break
        columns[row, : len(seen)] = list(seen.values())
    return columns, enough


def _among(ledger: Records, ids: Ids) -> ExactStructure:
    """Only these references, read from the store."""
    rows = ledger.vectors_of(ids)
    structure = ExactStructure(rows.vectors.shape[1])
    structure.add(ids, rows.vectors)
    return structure
