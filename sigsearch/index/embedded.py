"""The door over LMDB: an index in one folder, for the processes of one machine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from sigsearch.index.care import decision_log, proof, transfer
from sigsearch.index.care.parquet import Check
from sigsearch.index.care.transfer import Settings
from sigsearch.index.local.writer_index import WriterIndex
from sigsearch.index.results import LogEntry, Receipt


class EmbeddedIndex(WriterIndex):
    """`WriterIndex`, and what needs its files: the decision log, erasure, moving out and in."""

    def erase(self, writer: str, receipt: Path | None = None) -> Receipt:
        return proof.forget_with_proof(self, writer, receipt=receipt)

    def note(self, event: str, facts: Mapping[str, Any], writers: Sequence[str] = ()) -> LogEntry:
        return decision_log.DecisionLog(self).append(event, facts, writers)

    def decisions(self) -> Iterator[LogEntry]:
        return decision_log.DecisionLog(self).entries()

    def export(self, path: Path) -> int:
        return transfer.export_index(self, path)

    def take_in(
        self, path: Path, check: Check | None = None, settings: Settings | None = None
    ) -> int:
        return transfer.take_in(self, path, check, settings)
