"""What is kept of a reference beside its global vector: the local reading and the fingerprint of
the same-scan alarm, one after the other in the bytes that the index stores without a look."""

from __future__ import annotations

from collections.abc import Sequence

from sigsearch.encoder import Embeddings, ModelCard
from sigsearch.imaging import Signature
from sigsearch.imaging.copies import FINGERPRINT_BYTES, fingerprint
from sigsearch.index.records import Reference


def pack_template(readings: Embeddings, row: int, signature: Signature) -> bytes:
    """The bytes to keep of one signature, of which `readings[row]` are the readings."""
    return readings.local_bytes(row) + fingerprint(signature)


def readings_of(references: Sequence[Reference], card: ModelCard) -> Embeddings:
    """The readings of enrolled references, as they were when they were encoded."""
    size = _local_bytes(card)
    return Embeddings.from_parts(
        [reference.vector for reference in references],
        [reference.local[:size] for reference in references],
        card.token_shape,
    )


def fingerprint_of(reference: Reference, card: ModelCard) -> bytes | None:
    """The fingerprint of an enrolled reference, if one was kept."""
    kept = reference.local[_local_bytes(card) :]
    return kept if len(kept) == FINGERPRINT_BYTES else None


def _local_bytes(card: ModelCard) -> int:
    rows, columns, channels = card.token_shape
    return rows * columns * (channels + 1)
