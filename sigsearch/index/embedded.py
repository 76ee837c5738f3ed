"""The door over LMDB: an index in one folder, for the processes of one machine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from sigsearch.arguments import BYTES, NAMES, PLACE, TEXT, of_kind, takes
from sigsearch.index.care import decision_log, proof, resealing, transfer
from sigsearch.index.care.parquet import Check
from sigsearch.index.care.transfer import Settings
from sigsearch.index.local.writer_index import WriterIndex
from sigsearch.index.results import LogEntry, Receipt


class EmbeddedIndex(WriterIndex):
    """`WriterIndex`, and what needs its files: the decision log, erasure, moving out and in."""

    @takes(writer=TEXT, receipt=PLACE, new_key=BYTES, old_key=TEXT)
    def erase(
        self, writer: str, receipt: Path | None = None, new_key: bytes | None = None,
        old_key: str = "",
    ) -> Receipt:  # fmt: skip
        place = None if receipt is None else Path(receipt)
        return proof.forget_with_proof(
            self, writer, receipt=place, new_key=new_key, old_key=old_key
        )

    @takes(key=BYTES)
    def rekey(self, key: bytes) -> bool:
        """Seal an encrypted index by another key; see `care.resealing`."""
        return resealing.rekey(self, key)

    @takes(event=TEXT, facts=of_kind(Mapping), writers=NAMES)
    def note(self, event: str, facts: Mapping[str, Any], writers: Sequence[str] = ()) -> LogEntry:
        return decision_log.DecisionLog(self).append(event, facts, writers)

    def decisions(self) -> Iterator[LogEntry]:
        return decision_log.DecisionLog(self).entries()

    def put_log(self, entries: Iterator[LogEntry]) -> int:
        """Take over the decision log of the index that this one is a copy of; how many entries."""
        return decision_log.DecisionLog(self).put(entries)

    @takes(path=PLACE)
    def export(self, path: Path) -> int:
        return transfer.export_index(self, Path(path))

    @takes(path=PLACE)
    def take_in(
        self, path: Path, check: Check | None = None, settings: Settings | None = None
    ) -> int:
        return transfer.take_in(self, Path(path), check, settings)
