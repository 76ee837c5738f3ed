"""Reads what is sound of a damaged store, record by record, and lists what is not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sigsearch.errors import IndexCorrupt
from sigsearch.index.local.layout import LogEnd, State, key_number, number_key, unpack_json
from sigsearch.index.local.ledger import Ledger
from sigsearch.index.records import EncoderIdentity, Reference, Writer
from sigsearch.index.seals.checksum import Seal

if TYPE_CHECKING:
    import lmdb

Saved = tuple[int, int, Reference]
"""Reference id, writer id and reference."""

_TABLES_OF_A_REFERENCE = ("references", "vectors", "locals")


class Salvage:
    """Looks every id up by itself, so that one bad record costs itself alone."""

    def __init__(self, transaction: lmdb.Transaction[bytes], seal: Seal) -> None:
        self._ledger = Ledger(transaction, seal)
        self._seal = seal
        self.lost: list[str] = []
        self.damaged = 0
        self.state = self._state()
        self._writers = dict(self._sound_writers())

    @property
    def expected(self) -> int:
        """How many references there should be, by whatever says so: the state or the writers."""
        return max(
            self.state.reference_count, sum(one.reference_count for one in self._writers.values())
        )

    def identity(self) -> EncoderIdentity:
        """Raises IndexCorrupt if it is lost: then nobody knows what the vectors mean."""
        return self._ledger.identity()

    def settings(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for key, payload in self._sound("settings"):
            try:
                yield key.decode(), unpack_json(payload)
            except (IndexCorrupt, UnicodeDecodeError) as fault:
                self.lost.append(f"setting {key!r}: {fault}")

    def references(self) -> Iterator[Saved]:
        """Every reference of which all parts are sound."""
        for number in range(1, self.state.next_reference):
            key = number_key(number)
            if not any(self._ledger.holds(table, key) for table in _TABLES_OF_A_REFERENCE):
                continue
            try:
                owner, _ = self._ledger.vector(number)
                if owner not in self._writers:
                    raise IndexCorrupt(f"the name of writer {owner} is lost")
                yield number, owner, self._ledger.reference(number, self._writers[owner].name)
            except IndexCorrupt as fault:
                self.damaged += 1
                self.lost.append(f"reference {number}: {fault}")

    def _state(self) -> State:
        """The state, or what of it follows from the highest ids."""
        try:
            return self._ledger.state()
        except IndexCorrupt as fault:
            self.lost.append(f"the state record: {fault}")
            return replace(
                State(),
                log=LogEnd(),
                generation=self._last("changes"),
                next_reference=self._last("vectors") + 1,
                next_writer=self._last("writers") + 1,
            )

    def _sound_writers(self) -> Iterator[tuple[int, Writer]]:
        for number in range(1, self.state.next_writer):
            if not self._ledger.holds("writers", number_key(number)):
                continue
            try:
                yield number, self._ledger.writer(number)
            except IndexCorrupt as fault:
                self.lost.append(f"the name of writer {number}: {fault}")

    def _sound(self, table: str) -> Iterator[tuple[bytes, bytes]]:
        for key, stored in self._ledger.stored(table):
            try:
                yield key[1:], self._seal.open(key, stored)
            except IndexCorrupt as fault:
                self.lost.append(f"{table} {key[1:]!r}: {fault}")

    def _last(self, table: str) -> int:
        """The highest id of a table."""
        last = self._ledger.last(table)
        return key_number(last) if last else 0
