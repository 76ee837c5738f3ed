"""Tables whose every value lies under a seal, and whose gaps are not believed unseen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sigsearch.errors import IndexCorrupt
from sigsearch.index.seal import Seal
from sigsearch.index.tables import TAGS, Tables


class SealedTables:
    """What one transaction sees, opened and checked record by record."""

    def __init__(self, tables: Tables, seal: Seal) -> None:
        self._tables = tables
        self._seal = seal

    def get(self, table: str, key: bytes) -> bytes | None:
        stored = self._tables.get(table, key)
        if stored is None:
            self._check_gap(table, key)
            return None
        return self._seal.open(TAGS[table] + key, stored)

    def _check_gap(self, table: str, key: bytes) -> None:
        """Believe that a key is missing only if sound records lie to its left and right.

        A damaged key leads the search to a place next to itself, a damaged branch to a place
        where the order is broken.
        """
        wanted = TAGS[table] + key
        left, right = self._tables.around(table, key)
        for near in (left, right):
            if near is not None:
                self._seal.whole(*near)
        if (left and left[0] >= wanted) or (right and right[0] <= wanted):
            raise IndexCorrupt(f"the store is out of order near {wanted.hex()}")

    def need(self, table: str, key: bytes) -> bytes:
        """A record that another record says is there."""
        payload = self.get(table, key)
        if payload is None:
            raise IndexCorrupt(f"table {table!r} lacks the record {key.hex()}; try `index verify`")
        return payload

    def put(self, table: str, key: bytes, payload: bytes) -> None:
        self._tables.put(table, key, self._seal.close(TAGS[table] + key, payload))

    def scan(self, table: str, start: bytes = b"") -> Iterator[tuple[bytes, bytes]]:
        for key, stored in self._tables.scan(table, start):
            yield key, self._seal.open(TAGS[table] + key, stored)

    def under(self, table: str, prefix: bytes) -> Iterator[bytes]:
        """Keys that begin with `prefix`, in order."""
        for key, _ in self.scan(table, prefix):
            if not key.startswith(prefix):
                return
            yield key

    def get_many(self, table: str, keys: Sequence[bytes]) -> list[bytes]:
        """Payloads of records that must be there, in the order of their keys."""
        records = self._tables.get_many(table, keys)
        if len(records) != len(keys):
            found = {key[1:] for key, _ in records}
            for key in keys:
                if key not in found:
                    self.need(table, key)
        return self._seal.open_many(records)

    def chunks(self, table: str, start: bytes, size: int) -> Iterator[tuple[list[bytes], bytes]]:
        """Keys and joined payloads, up to `size` records at a time, in the order of keys."""
        for run in self._tables.runs(table, start, size):
            yield [key[1:] for key, _ in run], b"".join(self._seal.open_many(run))

    def delete(self, table: str, key: bytes) -> None:
        self._tables.delete(table, key)

    def count(self, table: str) -> int:
        """How many records a table holds, opened or not."""
        return sum(1 for _ in self._tables.scan(table))

    def faults(self) -> Iterator[tuple[bytes, str]]:
        """Every key of every table (with its tag), and what is wrong with its record, if so."""
        for key, stored in self._tables.all():
            try:
                self._seal.whole(key, stored)
                yield key, ""
            except IndexCorrupt as fault:
                yield key, str(fault)

    def payloads(self) -> Iterator[bytes]:
        """What every record of every table holds."""
        for key, stored in self._tables.all():
            yield self._seal.whole(key, stored)
