"""The decision log of an index, and the ways out of one index and into another."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from sigsearch.arguments import NAMES, PLACE, TEXT, of_kind, takes
from sigsearch.index.care import transfer
from sigsearch.index.care.parquet import Check
from sigsearch.index.care.transfer import Settings
from sigsearch.index.results import LogEntry
from sigsearch.index.stored_index import StoredIndex


class Log(Protocol):
    """What was asked and decided, every entry bound to the one before."""

    def append(
        self, event: str, facts: Mapping[str, Any], writers: Sequence[str] = ()
    ) -> LogEntry: ...

    def entries(self) -> Iterator[LogEntry]: ...

    def put(self, entries: Iterator[LogEntry]) -> int: ...


class LoggedIndex(StoredIndex):
    """A `StoredIndex` with a decision log, which can be written to a file and read from one."""

    @property
    @abstractmethod
    def decision_log(self) -> Log: ...

    @takes(event=TEXT, facts=of_kind(Mapping), writers=NAMES)
    def note(self, event: str, facts: Mapping[str, Any], writers: Sequence[str] = ()) -> LogEntry:
        return self.decision_log.append(event, facts, writers)

    def decisions(self) -> Iterator[LogEntry]:
        return self.decision_log.entries()

    def put_log(self, entries: Iterator[LogEntry]) -> int:
        """Take over the decision log of the index that this one is a copy of; how many entries."""
        return self.decision_log.put(entries)

    @takes(path=PLACE)
    def export(self, path: Path) -> int:
        return transfer.export_index(self, Path(path))

    @takes(path=PLACE)
    def take_in(
        self, path: Path, check: Check | None = None, settings: Settings | None = None
    ) -> int:
        return transfer.take_in(self, Path(path), check, settings)
