"""The door over LMDB: an index in one folder, for the processes of one machine."""

from __future__ import annotations

from pathlib import Path

from sigsearch.arguments import BYTES, PLACE, TEXT, takes
from sigsearch.index.care import proof, resealing
from sigsearch.index.care.decision_log import DecisionLog
from sigsearch.index.local.writer_index import WriterIndex
from sigsearch.index.logged_index import LoggedIndex
from sigsearch.index.results import Receipt


class EmbeddedIndex(WriterIndex, LoggedIndex):
    """`WriterIndex`, and what needs its files: the decision log, erasure, moving out and in."""

    @property
    def decision_log(self) -> DecisionLog:
        return DecisionLog(self)

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
