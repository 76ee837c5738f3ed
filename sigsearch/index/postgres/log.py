"""The decision log in a table: every line bound to the one before by a hash, its end to the state.

Writers appear by their number. Lines of an encrypted index are sealed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timezone
from functools import partial
from typing import Any

from sigsearch.errors import ArgumentRefused, IndexCorrupt
from sigsearch.index.local.layout import LogEnd
from sigsearch.index.postgres.ledger import PostgresLedger
from sigsearch.index.postgres.store import PostgresStore
from sigsearch.index.results import LogEntry

_BEGINNING = "0" * 64
_PAGE = 1000
_SENSELESS = (ValueError, TypeError, KeyError, RecursionError)


class PostgresLog:
    """The log of an index; any process may append, also one that only reads the index."""

    def __init__(self, store: PostgresStore) -> None:
        self._store = store
        self._seal = store.seal.of_log()

    def append(self, event: str, facts: Mapping[str, Any], writers: Sequence[str] = ()) -> LogEntry:
        """Note an event; it is committed when this returns. `facts` must be fit for JSON.

        Raises:
            IndexBusy; IndexCorrupt: the last line is damaged, or not the one that the index knows.
        """
        try:
            known = json.loads(json.dumps(dict(facts), allow_nan=False))
        except (TypeError, ValueError, RecursionError) as error:
            raise ArgumentRefused(f"the facts are not fit for JSON ({error})") from error

        made: list[LogEntry] = []  # by attempts that may have been committed

        def work(ledger: PostgresLedger) -> LogEntry:
            for one in made:
                if self._holds(ledger, one):
                    return one
            last = self._last(ledger)
            entry = LogEntry(
                number=last.number + 1 if last else 1,
                at=datetime.now(timezone.utc).isoformat(timespec="milliseconds"),
                event=event,
                writers=tuple(map(ledger.writer_id, writers)),
                facts=known,
                previous=last.hash if last else _BEGINNING,
            )
            entry = replace(entry, hash=entry.digest())
            self._put(ledger, entry)
            ledger.end_log(self._end_at(entry))
            made.append(entry)
            return entry

        return self._store.change(work)

    def put(self, entries: Iterator[LogEntry]) -> int:
        """Take over the entries of another index's log into an empty one; how many."""
        held = list(entries)

        def work(ledger: PostgresLedger) -> int:
            ledger.ask("DELETE FROM {s}.log")
            for entry in held:
                self._put(ledger, entry)
            ledger.end_log(self._end_at(held[-1] if held else None))
            return len(held)

        return self._store.change(work)

    def _put(self, ledger: PostgresLedger, entry: LogEntry) -> None:
        body = json.dumps(entry.to_dict(), sort_keys=True, ensure_ascii=False).encode()
        line = self._seal.close(_label(entry.number), body)
        ledger.ask("INSERT INTO {s}.log VALUES (%s, %b)", entry.number, line)

    def entries(self) -> Iterator[LogEntry]:
        """All entries, oldest first.

        Raises:
            IndexCorrupt: names the first line that was altered, moved or taken out.
        """
        end, last = self._store.state().log or LogEnd(), None
        while page := self._store.read(partial(_page, after=last.number if last else 0)):
            for number, line in page:
                expected = (last.number + 1, last.hash) if last else (1, _BEGINNING)
                last = self._entry(number, line)
                if (last.number, last.previous) != expected:
                    raise self._amiss(f"line {number} does not follow the one before")
                if number == end.entries and self._end_at(last) != end:
                    raise self._amiss(f"line {number} is not what the index knows")
                yield last
        if (count := last.number if last else 0) < end.entries:
            raise self._amiss(f"{count} of {end.entries} entries are there")

    def _last(self, ledger: PostgresLedger) -> LogEntry | None:
        found = ledger.ask("SELECT number, line FROM {s}.log ORDER BY number DESC LIMIT 1")
        last = self._entry(*found[0]) if found else None
        if self._end_at(last) != (ledger.state().log or LogEnd()):
            raise self._amiss("it does not end as the index knows")
        return last

    def _holds(self, ledger: PostgresLedger, entry: LogEntry) -> bool:
        found = ledger.ask("SELECT number, line FROM {s}.log WHERE number = %s", entry.number)
        return bool(found) and self._entry(*found[0]).hash == entry.hash

    def _end_at(self, entry: LogEntry | None) -> LogEnd:
        return LogEnd(entry.number, self._seal.mark(entry.hash)) if entry else LogEnd()

    def _entry(self, number: int, line: bytes) -> LogEntry:
        try:
            document = json.loads(self._seal.open(_label(number), line))
            entry = LogEntry(**{**document, "writers": tuple(document["writers"])})
        except (*_SENSELESS, IndexCorrupt) as error:
            raise self._amiss(f"line {number} cannot be read") from error
        if entry.digest() != entry.hash or entry.number != number:
            raise self._amiss(f"line {number} was altered")
        return entry

    def _amiss(self, what: str) -> IndexCorrupt:
        place = self._store.address.place
        return IndexCorrupt(
            f"the decision log of {place}: {what}; keep a dump of the table `log` as evidence"
        )


def _page(ledger: PostgresLedger, after: int) -> list[tuple[Any, ...]]:
    page = "SELECT number, line FROM {s}.log WHERE number > %s ORDER BY number LIMIT %s"
    return ledger.ask(page, after, _PAGE)


def _label(number: int) -> bytes:
    return f"audit/{number}".encode()
