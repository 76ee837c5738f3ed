"""What is kept of a reference beside its global vector: the local reading, the fingerprint of the
same-scan alarm, how well it agrees with the writer's others and, if wanted, the scan, one after the
other in the bytes that the index stores without a look. So all of it is sealed, exported and erased
with its reference."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import replace

from sigsearch.encoder import Embeddings, ModelCard
from sigsearch.engine.scan import Scan, unpacked
from sigsearch.engine.suspected_copy import Original
from sigsearch.errors import IndexCorrupt, ReferenceRefused
from sigsearch.imaging import Signature
from sigsearch.imaging.fingerprint import FINGERPRINT_BYTES, fingerprint
from sigsearch.index.records import Reference

_AGREEMENT = struct.Struct("<2sI")  # what follows, and how many bytes of it
_FORMAT = b"A1"


def pack_template(readings: Embeddings, row: int, signature: Signature, scan: bytes = b"") -> bytes:
    """The bytes to keep of one signature, of which `readings[row]` are the readings, and `scan` the
    packed picture, if that is to be kept."""
    return readings.local_bytes(row) + fingerprint(signature) + scan


def check_template(reference: Reference, card: ModelCard) -> None:
    """Raises ReferenceRefused where the bytes are not those of this encoder's template."""
    size, kept = _local_bytes(card), len(reference.local)
    scan = kept_scan(reference, card)
    whole = kept == size or (
        kept >= _agreement(reference, card)[1] and (not scan or unpacked(scan) is not None)
    )
    if not whole:
        raise ReferenceRefused(
            f"a reference of writer {reference.writer!r} has tokens of {kept} bytes, not of {size}"
        )


def readings_of(references: Sequence[Reference], card: ModelCard) -> Embeddings:
    """The readings of enrolled references, as they were when they were encoded. Raises IndexCorrupt
    where they are not this encoder's."""
    size = _local_bytes(card)
    for one in references:
        if len(one.local) < size:
            raise IndexCorrupt(
                f"the tokens of a reference of writer {one.writer!r} ({one.source}) are cut short; "
                "forget that writer and enrol the signatures again"
            )
    return Embeddings.from_parts(
        [reference.vector for reference in references],
        [reference.local[:size] for reference in references],
        card.token_shape,
    )


def fingerprint_of(reference: Reference, card: ModelCard) -> bytes | None:
    """The fingerprint of an enrolled reference, if one was kept."""
    start = _local_bytes(card)
    kept = reference.local[start : start + FINGERPRINT_BYTES]
    return kept if len(kept) == FINGERPRINT_BYTES else None


def scan_kept(reference: Reference, card: ModelCard) -> Scan | None:
    """The scan of an enrolled reference, if one was kept."""
    return unpacked(kept_scan(reference, card))


def kept_scan(reference: Reference, card: ModelCard) -> bytes:
    """The same as it is stored; empty where none was kept."""
    return reference.local[_agreement(reference, card)[1] :]


def with_agreement(reference: Reference, agreement: bytes, card: ModelCard) -> Reference:
    """A reference that was packed a moment ago, with what `engine.agreement` keeps of it."""
    start, end = _agreement(reference, card)
    told = _AGREEMENT.pack(_FORMAT, len(agreement)) + agreement
    return replace(reference, local=reference.local[:start] + told + reference.local[end:])


def kept_agreement(reference: Reference, card: ModelCard) -> bytes:
    """What was given to `with_agreement`; empty where nothing was."""
    start, end = _agreement(reference, card)
    return reference.local[start + _AGREEMENT.size : end]


def _agreement(reference: Reference, card: ModelCard) -> tuple[int, int]:
    """From where to where it lies, its head included; both the same where there is none."""
    data, start = reference.local, _local_bytes(card) + FINGERPRINT_BYTES
    if data[start : start + len(_FORMAT)] != _FORMAT or len(data) < start + _AGREEMENT.size:
        return start, start
    _, size = _AGREEMENT.unpack_from(data, start)
    return start, start + _AGREEMENT.size + int(size)


def prints_of(references: Sequence[Reference], card: ModelCard) -> list[bytes]:
    """The fingerprints that were kept of enrolled references."""
    kept = (fingerprint_of(reference, card) for reference in references)
    return [one for one in kept if one is not None]


def originals_of(references: Sequence[Reference], card: ModelCard) -> list[Original]:
    return [Original(r.source, r.content_hash, fingerprint_of(r, card)) for r in references]


def _local_bytes(card: ModelCard) -> int:
    rows, columns, channels = card.token_shape
    return rows * columns * (channels + 1)
