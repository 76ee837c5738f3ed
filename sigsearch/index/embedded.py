"""The door over LMDB: an index in one folder, for the processes of one machine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from sigsearch.arguments import NAMES, PLACE, TEXT, of_kind, takes
from sigsearch.index.care import decision_log, proof, transfer
from sigsearch.index.care.parquet import Check
from sigsearch.index.care.transfer import Settings
from sigsearch.index.local.writer_index import WriterIndex
from sigsearch.index.results import LogEntry, Receipt


class EmbeddedIndex(WriterIndex):
    """`WriterIndex`, and what needs its files: the decision log, erasure, moving out and in."""

    @takes(writer=TEXT, receipt=PLACE)
    def erase(self, writer: str, receipt: Path | None = None) -> Receipt:
        place = None if receipt is None else Path(receipt)
        return proof.forget_with_proof(self, writer, receipt=place)

    @takes(event=TEXT, facts=of_kind(Mapping), writers=NAMES)
    def note(self, event: str, facts: Mapping[str, Any], writers: Sequence[str] = ()) -> LogEntry:
        return decision_log.DecisionLog(self).append(event, facts, writers)

    def decisions(self) -> Iterator[LogEntry]:
        return decision_log.DecisionLog(self).entries()

    @takes(path=PLACE)
    def export(self, path: Path) -> int:
        return transfer.export_index(self, Path(path))

    @takes(path=PLACE)
    def take_in(
        self, path: Path, check: Check | None = None, settings: Settings | None = None
    ) -> int:
        return transfer.take_in(self, Path(path), check, settings)
