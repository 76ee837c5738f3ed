"""The tables of a store: one LMDB tree, the first byte of a key names the table.

One tree for all, because opening a named LMDB database waits for whoever is writing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import lmdb

TAGS = {
    "meta": b"M", "writers": b"W", "names": b"N", "references": b"R", "vectors": b"V",
    "locals": b"L", "members": b"B", "hashes": b"H", "settings": b"S", "changes": b"C",
    "facets": b"F",
}  # fmt: skip


class Tables:
    """The tables as one transaction sees them; keys here are without their tag."""

    def __init__(self, transaction: lmdb.Transaction[bytes], *, writing: bool = False) -> None:
        self._transaction = transaction
        # LMDB's numbers of the commit that is seen, and of the one that is being made.
        self.seen = transaction.id() - writing
        self.number = self.seen + 1

    def get(self, table: str, key: bytes) -> bytes | None:
        return self._transaction.get(TAGS[table] + key)

    def put(self, table: str, key: bytes, value: bytes) -> None:
        self._transaction.put(TAGS[table] + key, value)

    def delete(self, table: str, key: bytes) -> bool:
        return self._transaction.delete(TAGS[table] + key)

    def scan(self, table: str, start: bytes = b"") -> Iterator[tuple[bytes, bytes]]:
        """Keys and values in order, from the first key not below `start`."""
        tag = TAGS[table]
        cursor = self._transaction.cursor()
        if cursor.set_range(tag + start):
            for key, value in cursor.iternext():
                if key[:1] != tag:
                    return
                yield key[1:], value

    def runs(self, table: str, start: bytes, size: int) -> Iterator[list[tuple[bytes, bytes]]]:
        """Records from there on, up to `size` at a time; keys with their tag."""
        tag = TAGS[table]
        cursor = self._transaction.cursor()
        entries = cursor.iternext() if cursor.set_range(tag + start) else iter(())
        while run := list(islice(entries, size)):
            if run[-1][0][:1] != tag:
                run, entries = [one for one in run if one[0][:1] == tag], iter(())
            if run:
                yield run

    def get_many(self, table: str, keys: Iterable[bytes]) -> list[tuple[bytes, bytes]]:
        """Keys (with their tag) and values of those that are there, in the order asked for."""
        tag = TAGS[table]
        return self._transaction.cursor().getmulti([tag + key for key in keys])

    def all(self) -> Iterator[tuple[bytes, bytes]]:
        """Every record of every table; keys with their tag."""
        return self._transaction.cursor().iternext()

    def around(self, table: str, key: bytes) -> list[tuple[bytes, bytes] | None]:
        """The records left and right of where a missing key would lie; keys with their tag."""
        cursor = self._transaction.cursor()
        right = cursor.item() if cursor.set_range(TAGS[table] + key) else None
        left = cursor.item() if (cursor.prev() if right else cursor.last()) else None
        return [left, right]
