"""From the closest references to the closest writers."""

from __future__ import annotations

import numpy as np

from sigsearch.index.keeping import Records
from sigsearch.index.search.cache import Cache
from sigsearch.index.search.structures.exact import ExactStructure
from sigsearch.index.search.structures.protocol import LOOKED_AT, Floats, Ids, Mask

_UTMOST = 1 << 16
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
    asked = min(size, max(LOOKED_AT, 8 * count) if structure.approximate else 4 * count)
    similarity = np.full((len(vectors), count), -np.inf, np.float32)
    writers = np.full((len(vectors), count), -1, np.int64)
    todo, effort = np.arange(len(vectors)), 1
    while len(todo):
        some = vectors if len(todo) == len(vectors) else vectors[todo]
        found, ids = structure.search(some, asked, allowed, effort)
        short = bool(ids[:, -1].min(initial=0) < 0)
        if structure.approximate:
            found, ids = _weighed(cache, ledger, some, ids)
        owners = cache.owners[ids]  # -1 reaches the last entry, and is told apart by its id
        columns, enough = _first_of_each(owners, ids, count)
        if asked >= size and (effort >= _UTMOST or not (structure.approximate and short)):
            enough[:] = True
        if len(todo) == len(vectors) and enough.all():  # as nearly always
            row = np.arange(len(todo))[:, None]
            return found[row, columns], owners[row, columns]
        row = np.arange(len(todo))[enough, None]
        similarity[todo[enough]] = found[row, columns[enough]]
        writers[todo[enough]] = owners[row, columns[enough]]
        todo, asked, effort = todo[~enough], min(size, 4 * asked), 4 * effort if short else effort
    return similarity, writers


def _first_of_each(owners: Ids, ids: Ids, wanted: int) -> tuple[Ids, Mask]:
    """Columns (n, wanted) where writers appear first, and which rows have so many.

    A row with fewer ends in -1. A plain loop: rows are short and it stops early, which for one
    query takes a tenth of the time of array operations.
    """
    columns, enough = np.full((len(owners), wanted), -1, np.int64), np.zeros(len(owners), bool)
    for row, (who, which) in enumerate(zip(owners.tolist(), ids.tolist(), strict=True)):
        seen: dict[int, int] = {}
        for column, owner in enumerate(who):
            if owner not in seen and which[column] >= 0:
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


def _weighed(cache: Cache, ledger: Records, vectors: Floats, ids: Ids) -> tuple[Floats, Ids]:
    """Similarity to the stored vectors, best first; -inf and id -1 where there is none."""
    similarity = cache.similarity(ledger, vectors, ids)
    order = np.argsort(-similarity, axis=1, kind="stable")
    row = np.arange(len(ids))[:, None]
    return similarity[row, order], ids[row, order]
