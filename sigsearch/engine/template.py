"""What is kept of a reference beside its global vector: the local reading and the fingerprint of
the same-scan alarm, one after the other in the bytes that the index stores without a look."""

from __future__ import annotations

from collections.abc import Sequence

from sigsearch.encoder import Embeddings, ModelCard
from sigsearch.errors import IndexCorrupt, ReferenceRefused
from sigsearch.imaging import Signature
from sigsearch.imaging.fingerprint import FINGERPRINT_BYTES, fingerprint, is_copy
from sigsearch.index.records import Reference


def pack_template(readings: Embeddings, row: int, signature: Signature) -> bytes:
    """The bytes to keep of one signature, of which `readings[row]` are the readings."""
    return readings.local_bytes(row) + fingerprint(signature)


def check_template(reference: Reference, card: ModelCard) -> None:
    """Raises ReferenceRefused where the bytes are not those of this encoder's template."""
    size, kept = _local_bytes(card), len(reference.local)
    if kept not in (size, size + FINGERPRINT_BYTES):
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
    kept = reference.local[_local_bytes(card) :]
    return kept if len(kept) == FINGERPRINT_BYTES else None


def prints_of(references: Sequence[Reference], card: ModelCard) -> list[bytes]:
    """The fingerprints that were kept of enrolled references."""
    kept = (fingerprint_of(reference, card) for reference in references)
    return [one for one in kept if one is not None]


LIKELIEST = 3
"""References whose pictures are compared with that of a questioned signature: no other is nearer to
a copy than its original, but for the writer's steadiest ones."""


def copied_among(
    content_hash: str,
    print_of_it: bytes | None,
    references: Sequence[Reference],
    card: ModelCard,
    scores: Sequence[float],
) -> str | None:
    """The source of the reference of which an image seems to be a copy, if there is one: the same
    file, or, among the LIKELIEST by `scores`, a shifted, scaled or recompressed picture of it."""
    for reference in references:
        if reference.content_hash == content_hash:
            return reference.source
    if print_of_it is None:
        return None
    order = sorted(range(len(references)), key=lambda at: -scores[at])
    for reference in (references[at] for at in order[:LIKELIEST]):
        kept = fingerprint_of(reference, card)
        if kept is not None and is_copy(print_of_it, kept):
            return reference.source
    return None


def _local_bytes(card: ModelCard) -> int:
    rows, columns, channels = card.token_shape
    return rows * columns * (channels + 1)
