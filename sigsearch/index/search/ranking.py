"""From the closest references to the closest writers."""

from __future__ import annotations

from itertools import islice
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from sigsearch.index.keeping import Records
from sigsearch.index.search.cache import Cache, Owners
from sigsearch.index.search.structures.exact import ExactStructure
from sigsearch.index.search.structures.protocol import Floats, Ids, Mask, Structure

T = TypeVar("T", bound=np.generic)

_UTMOST = 1 << 16
_NOBODY = -2  # the owner of what was not found
_FEW = 10_000  # references so few are compared one by one, whatever the structure


def closest_writers(
    cache: Cache, ledger: Records, vectors: Floats, count: int, allowed: Mask | None = None
) -> tuple[Floats, Owners]:
    """Similarity and writer id, each (n, count): a writer stands where its best reference does.

    The top references name the top writers exactly as soon as they name `count` of them, so
    the search widens until they do; there must be so many. What an approximate structure finds
    is weighed again with the vectors themselves.
    """
    if not len(vectors):
        return np.zeros((0, count), np.float32), np.zeros((0, count), np.int32)
    structure: Structure = cache.structure
    if structure.approximate and allowed is not None and allowed.sum() <= _FEW:
        structure = _among(ledger, np.flatnonzero(allowed))
    size = len(structure) if allowed is None else int(allowed.sum())
    asked = min(size, max(structure.looked_at, (8 if structure.approximate else 4) * count))
    similarity, writers, enough, short = _ranked(
        cache, structure, ledger, vectors, count, allowed, asked, effort=1
    )
    todo, effort = np.flatnonzero(~enough), 1
    while len(todo) and not (
        asked >= size and (effort >= _UTMOST or not (structure.approximate and short))
    ):
        asked, effort = min(size, 4 * asked), 4 * effort if short else effort
        found, owners, enough, short = _ranked(
            cache, structure, ledger, vectors[todo], count, allowed, asked, effort
        )
        similarity[todo], writers[todo] = found, owners
        todo = todo[~enough]
    return similarity, writers


def _ranked(
    cache: Cache, structure: Structure, ledger: Records, vectors: Floats, count: int,
    allowed: Mask | None, asked: int, effort: int,
) -> tuple[Floats, Owners, Mask, bool]:  # fmt: skip
    """Similarity and writer id, each (n, count), by the `asked` closest references; which rows have
    so many writers, and whether fewer references than `asked` were found."""
    found, ids = structure.search(vectors, asked, allowed, effort)
    owners, short = cache.owners.take(ids), bool(ids.min() < 0)  # -1 reaches the last entry
    if short:
        owners[ids < 0] = _NOBODY
    if structure.approximate:
        found = cache.similarity(ledger, vectors, ids)
        order = (-found).argsort(axis=1, kind="stable")
        found, owners = _in_each_row(found, order), _in_each_row(owners, order)
    columns, enough = _first_of_each(owners, count)
    return _in_each_row(found, columns), _in_each_row(owners, columns), enough, short


def _in_each_row(values: npt.NDArray[T], columns: Ids) -> npt.NDArray[T]:
    """What stands in these columns (n, k) of the rows of (n, m) values."""
    if len(values) == 1:  # a tenth of the time
        found: npt.NDArray[T] = values.take(columns[0], 1)
    else:
        found = np.take_along_axis(values, columns, 1)
    return found


def _first_of_each(owners: Owners, wanted: int) -> tuple[Ids, Mask]:
    """Columns (n, wanted) where writers appear first, and which rows have so many.

    A row with fewer ends in -1. By plain lists: rows are short, and for one query that takes a
    tenth of the time of array operations.
    """
    columns, enough = np.full((len(owners), wanted), -1, np.int64), np.zeros(len(owners), bool)
    for row, who in enumerate(owners.tolist()):
        each = dict.fromkeys(who)
        each.pop(_NOBODY, None)
        first = [who.index(owner) for owner in islice(each, wanted)]
        columns[row, : len(first)] = first
        enough[row] = len(first) == wanted
    return columns, enough


def _among(ledger: Records, ids: Ids) -> ExactStructure:
    """Only these references, read from the store."""
    rows = ledger.vectors_of(ids)
    structure = ExactStructure(rows.vectors.shape[1])
    structure.add(ids, rows.vectors)
    return structure
