"""From the closest references to the closest writers."""

from __future__ import annotations

import numpy as np

from sigsearch.index.cache import Cache
from sigsearch.index.exact import ExactStructure
from sigsearch.index.ledger import Ledger
from sigsearch.index.neighbours import Floats, Ids, Mask

_SPARE = 3  # writers more than asked for, where codes stand for vectors
_UTMOST = 1 << 16
_FEW = 10_000  # references so few are compared one by one, whatever the structure


def closest_writers(
    cache: Cache, ledger: Ledger, vectors: Floats, count: int, allowed: Mask | None = None
) -> tuple[Floats, Ids]:
    """Similarity and writer id, each (n, count): a writer stands where its best reference does.

    The top references name the top writers exactly as soon as they name `count` of them, so
    the search widens until they do. What an approximate structure finds is weighed again with
    the vectors themselves.
    """
    structure = cache.structure
    if structure.approximate and allowed is not None and allowed.sum() <= _FEW:
        structure = _among(ledger, np.flatnonzero(allowed))
    size = len(structure) if allowed is None else int(allowed.sum())
    wanted = count + _SPARE if structure.approximate else count
    asked, effort = min(size, 4 * count), 1
    while True:
        similarity, ids = structure.search(vectors, asked, allowed, effort)
        owners = cache.owners[ids]  # -1 reaches the last entry, and is told apart by its id
        columns, fewest = _first_of_each(owners, ids, wanted)
        if fewest >= count or (asked >= size and (effort >= _UTMOST or not structure.approximate)):
            break
        asked, effort = min(size, 4 * asked), 4 * effort
    rows = np.arange(len(vectors))[:, None]
    if not structure.approximate:
        columns = columns[:, :count]
        return similarity[rows, columns], owners[rows, columns]
    similarity = _weighed(ledger, vectors, ids[rows, columns], columns < 0)
    order = np.argsort(-similarity, axis=1, kind="stable")[:, :count]
    return similarity[rows, order], owners[rows, columns][rows, order]


def _first_of_each(owners: Ids, ids: Ids, wanted: int) -> tuple[Ids, int]:
    """Columns (n, wanted) where writers appear first, and how many the poorest row has.

    A row with fewer ends in -1. A plain loop: rows are short and it stops early, which for one
    query takes a tenth of the time of array operations.
    """
    columns, fewest = np.full((len(owners), wanted), -1, np.int64), wanted
    for row, (who, which) in enumerate(zip(owners.tolist(), ids.tolist(), strict=True)):
        seen: dict[int, int] = {}
        for column, owner in enumerate(who):
            if owner not in seen and which[column] >= 0:
                seen[owner] = column
                if len(seen) == wanted:
                    break
        columns[row, : len(seen)] = list(seen.values())
        fewest = min(fewest, len(seen))
    return columns, fewest


def _among(ledger: Ledger, ids: Ids) -> ExactStructure:
    """Only these references, read from the store."""
    rows = ledger.vectors_of(ids)
    structure = ExactStructure(rows.vectors.shape[1])
    structure.add(ids, rows.vectors)
    return structure


def _weighed(ledger: Ledger, vectors: Floats, ids: Ids, missing: Mask) -> Floats:
    """Similarity to the stored vectors; -inf where there is none."""
    present = ~missing
    stored = ledger.vectors_of(ids[present]).vectors
    similarity = np.full(ids.shape, -np.inf, np.float32)
    similarity[present] = np.einsum("nd,nd->n", vectors[np.nonzero(present)[0]], stored)
    return similarity
