"""The tables of a store as one transaction sees them: one LMDB tree, every value under a seal.

One tree for all, because opening a named LMDB database waits for whoever is writing. The first
byte of a key, its tag, names the table. Gaps are not believed unseen.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from sigsearch.errors import IndexCorrupt
from sigsearch.index.seals.checksum import Seal

if TYPE_CHECKING:
    import lmdb

TAGS = {
    "meta": b"M", "writers": b"W", "names": b"N", "references": b"R", "vectors": b"V",
    "locals": b"L", "members": b"B", "hashes": b"H", "settings": b"S", "changes": b"C",
    "facets": b"F",
}  # fmt: skip


class Tables:
    """Records by table and key; keys are without their tag unless it is said."""

    def __init__(
        self, transaction: lmdb.Transaction[bytes], seal: Seal, *, writing: bool = False
    ) -> None:
        self._transaction = transaction
        self._seal = seal
        # LMDB's numbers of the commit that is seen, and of the one that is being made.
        self.seen = transaction.id() - writing
        self.number = self.seen + 1

    def get(self, table: str, key: bytes) -> bytes | None:
        tagged = TAGS[table] + key
        stored = self._transaction.get(tagged)
        if stored is None:
            self._check_gap(tagged)
            return None
        return self._seal.open(tagged, stored)

    def need(self, table: str, key: bytes) -> bytes:
        """A record that another record says is there."""
        payload = self.get(table, key)
        if payload is None:
            raise IndexCorrupt(f"table {table!r} lacks the record {key.hex()}; try `index check`")
        return payload

    def get_many(self, table: str, keys: Sequence[bytes]) -> list[bytes]:
        """Payloads of records that must be there, in the order of their keys."""
        tag = TAGS[table]
        records = self._transaction.cursor().getmulti([tag + key for key in keys])
        if len(records) != len(keys):
            found = {key for key, _ in records}
            for key in keys:
                if tag + key not in found:
                    self.need(table, key)
        return self._seal.open_many(records)

    def keys_under(self, table: str, prefix: bytes) -> list[bytes]:
        """What follows `prefix` in the keys that begin with it, in order."""
        tagged = TAGS[table] + prefix
        cursor, records = self._transaction.cursor(), []
        if cursor.set_range(tagged):
            for key, stored in cursor.iternext():
                if not key.startswith(tagged):
                    break
                records.append((key, stored))
        self._seal.open_many(records)
        return [key[len(tagged) :] for key, _ in records]

    def scan(self, table: str, start: bytes = b"") -> Iterator[tuple[bytes, bytes]]:
        """Keys and payloads in order, from the first key not below `start`."""
        tag = TAGS[table]
        cursor = self._transaction.cursor()
        if cursor.set_range(tag + start):
            for key, stored in cursor.iternext():
                if key[:1] != tag:
                    return
                yield key[1:], self._seal.open(key, stored)

    def chunks(self, table: str, start: bytes, size: int) -> Iterator[tuple[list[bytes], bytes]]:
        """Keys and joined payloads, up to `size` records at a time, in the order of keys."""
        tag = TAGS[table]
        cursor = self._transaction.cursor()
        entries = cursor.iternext() if cursor.set_range(tag + start) else iter(())
        while run := list(islice(entries, size)):
            if run[-1][0][:1] != tag:
                run, entries = [one for one in run if one[0][:1] == tag], iter(())
            if run:
                yield [key[1:] for key, _ in run], b"".join(self._seal.open_many(run))

    def sampled(self, table: str, keys: Sequence[bytes]) -> tuple[list[bytes], bytes]:
        """Keys and joined payloads of those of `keys` that are there."""
        tag = TAGS[table]
        records = self._transaction.cursor().getmulti([tag + key for key in keys])
        return [key[1:] for key, _ in records], b"".join(self._seal.open_many(records))

    def put(self, table: str, key: bytes, payload: bytes) -> None:
        tagged = TAGS[table] + key
        self._transaction.put(tagged, self._seal.close(tagged, payload))

    def delete(self, table: str, key: bytes) -> None:
        self._transaction.delete(TAGS[table] + key)

    def holds(self, table: str, key: bytes) -> bool:
        """Whether there is a record, sound or not."""
        return self._transaction.get(TAGS[table] + key) is not None

    def count(self, table: str) -> int:
        """How many records a table holds, sound or not."""
        return sum(1 for _ in self.stored(table))

    def stored(self, table: str) -> Iterator[tuple[bytes, bytes]]:
        """Every record of a table as it lies there, unopened; keys with their tag."""
        tag = TAGS[table]
        cursor = self._transaction.cursor()
        if cursor.set_range(tag):
            for key, value in cursor.iternext():
                if key[:1] != tag:
                    return
                yield key, value

    def last(self, table: str) -> bytes | None:
        """The highest key of a table."""
        tag, cursor = TAGS[table], self._transaction.cursor()
        beyond = bytes([tag[0] + 1])
        found = cursor.prev() if cursor.set_range(beyond) else cursor.last()
        return cursor.key()[1:] if found and cursor.key()[:1] == tag else None

    def faults(self) -> Iterator[tuple[bytes, str]]:
        """Every key of every table (with its tag), and what is wrong with its record, if so."""
        for key, stored in self._transaction.cursor().iternext():
            try:
                self._seal.whole(key, stored)
                yield key, ""
            except IndexCorrupt as fault:
                yield key, str(fault)

    def whole(self) -> Iterator[tuple[bytes, bytes]]:
        """Every key of every table (with its tag), and what its record holds."""
        for key, stored in self._transaction.cursor().iternext():
            yield key, self._seal.whole(key, stored)

    def put_whole(self, key: bytes, payload: bytes) -> None:
        """A record as `whole` gave it."""
        self._transaction.put(key, self._seal.shut(key, payload))

    def _check_gap(self, tagged: bytes) -> None:
        """Believe that a key is missing only if sound records lie to its left and right.

        A damaged key leads the search to a place next to itself, a damaged branch to a place
        where the order is broken.
        """
        cursor = self._transaction.cursor()
        right = cursor.item() if cursor.set_range(tagged) else None
        left = cursor.item() if (cursor.prev() if right else cursor.last()) else None
        for near in (left, right):
            if near is not None:
                self._seal.whole(*near)
        if (left and left[0] >= tagged) or (right and right[0] <= tagged):
            raise IndexCorrupt(f"the store is out of order near {tagged.hex()}")
