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
        owners = np.where(ids < 0, -1, cache.owners[ids])
        first = _first_of_each(owners)
        enough = bool((first.sum(axis=1) >= count).all())
        if enough or (asked >= size and (effort >= _UTMOST or not structure.approximate)):
            break
        asked, effort = min(size, 4 * asked), 4 * effort
    columns = np.argsort(~first, axis=1, kind="stable")[:, :wanted]
    similarity, ids, owners = (np.take_along_axis(a, columns, 1) for a in (similarity, ids, owners))
    if structure.approximate:
        missing = ~np.take_along_axis(first, columns, 1)
        similarity = _weighed(ledger, vectors, ids, missing)
        order = np.argsort(-similarity, axis=1, kind="stable")
        similarity, owners = (np.take_along_axis(a, order, 1) for a in (similarity, owners))
    return similarity[:, :count], owners[:, :count]


def _among(ledger: Ledger, ids: Ids) -> ExactStructure:
    """Only these references, read from the store."""
    rows = ledger.vectors_of(ids)
    structure = ExactStructure(rows.vectors.shape[1])
    structure.add(ids, rows.vectors)
    return structure


def _first_of_each(owners: Ids) -> Mask:
    """Marks, row by row, where a writer appears for the first time."""
    order = np.argsort(owners, axis=1, kind="stable")
    ranked = np.take_along_axis(owners, order, axis=1)
    new = np.ones(owners.shape, bool)
    new[:, 1:] = ranked[:, 1:] != ranked[:, :-1]
    new &= ranked >= 0
    first = np.zeros(owners.shape, bool)
    np.put_along_axis(first, order, new, axis=1)
    return first


def _weighed(ledger: Ledger, vectors: Floats, ids: Ids, missing: Mask) -> Floats:
    """Similarity to the stored vectors; -inf where there is none."""
    needed, places = np.unique(ids[~missing], return_inverse=True)
    similarity = np.full(ids.shape, -np.inf, np.float32)
    rows = np.nonzero(~missing)[0]
    stored = ledger.vectors_of(needed).vectors[places]
    similarity[~missing] = np.einsum("nd,nd->n", vectors[rows], stored)
    return similarity
