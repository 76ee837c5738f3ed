"""Specimens -> references in the index: read, skip what is known, encode in batches, commit."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from sigsearch.encoder import Encoder
from sigsearch.errors import ImageError, ReferenceRefused
from sigsearch.imaging import ImageSource, Signature, read_signature
from sigsearch.imaging.sources import is_data_url, read_file
from sigsearch.index.index import WriterIndex
from sigsearch.index.records import EncoderIdentity, Reference
from sigsearch.results import Enrolment, Refusal
from sigsearch.templates import pack_template

if TYPE_CHECKING:
    from sigsearch.datasets import Dataset

BATCH = 32
"""References a transaction: what a kill in the middle of a build can cost is one batch."""


@dataclass(frozen=True, slots=True)
class Specimen:
    """One signature to enrol. `name` is what the index keeps of where it came from; without one,
    the absolute path of a file."""

    writer: str
    image: ImageSource | Signature
    metadata: dict[str, str] = field(default_factory=dict)
    name: str | None = None


def identity_of(encoder: Encoder) -> EncoderIdentity:
    """What the index keeps of the encoder that made it."""
    card = encoder.card
    return EncoderIdentity(card.id, card.preprocessing_version, card.dimensions)


def specimens_of(dataset: Dataset) -> Iterator[Specimen]:
    """The genuine samples of a dataset, in its order."""
    for sample in dataset.genuine():
        image = sample.source
        name = None if isinstance(image, Path) else str(sample.path)
        yield Specimen(sample.writer, image, {}, name)


def enrol_specimens(
    index: WriterIndex, encoder: Encoder, specimens: Iterable[Specimen], forgeries: int = 0
) -> Enrolment:
    """Enrol all; what cannot be read is reported at the end and never stops the rest."""
    known, refused, enrolled = 0, [], 0
    writers: set[str] = set()
    pending: list[tuple[Specimen, Signature]] = []
    try:
        for specimen in specimens:
            writers.add(specimen.writer)
            try:
                signature = _read_unless_known(index, specimen)
            except ImageError as fault:
                refused.append(Refusal(_name(specimen), fault.code, str(fault)))
                continue
            if signature is None:
                known += 1
                continue
            pending.append((specimen, signature))
            if len(pending) == BATCH:
                batch, pending = pending, []
                enrolled += _commit(index, encoder, batch, refused)
    finally:  # whatever ended the specimens, those that were read are kept
        if pending:
            enrolled += _commit(index, encoder, pending, refused)
    return Enrolment(enrolled, known, tuple(refused), forgeries, len(writers))


def _read_unless_known(index: WriterIndex, specimen: Specimen) -> Signature | None:
    """The signature, or None when its writer has this very file already: then it is not decoded."""
    image = specimen.image
    if isinstance(image, (str, Path)) and os.path.isfile(image):
        data = read_file(Path(image), str(image))
        if index.has(hashlib.sha256(data).hexdigest(), specimen.writer):
            return None
        return read_signature(data, specimen.name or str(image))
    signature = read_signature(image, specimen.name)
    return None if index.has(signature.content_hash, specimen.writer) else signature


def _commit(
    index: WriterIndex,
    encoder: Encoder,
    batch: Sequence[tuple[Specimen, Signature]],
    refused: list[Refusal],
) -> int:
    readings = encoder.embed([signature for _, signature in batch])
    now = datetime.now(timezone.utc).isoformat(timespec="seconds")
    references = [
        Reference(
            writer=specimen.writer,
            vector=readings.vectors[row],
            local=pack_template(readings, row, signature),
            content_hash=signature.content_hash,
            source=_source(specimen, signature),
            metadata=specimen.metadata,
            warnings=signature.warnings,
            enrolled_at=now,
        )
        for row, (specimen, signature) in enumerate(batch)
    ]
    try:
        return index.enrol(references)
    except ReferenceRefused:
        return sum(_enrol_one(index, reference, refused) for reference in references)


def _enrol_one(index: WriterIndex, reference: Reference, refused: list[Refusal]) -> int:
    try:
        return index.enrol([reference])
    except ReferenceRefused as fault:
        refused.append(Refusal(reference.source, fault.code, str(fault)))
        return 0


def _source(specimen: Specimen, signature: Signature) -> str:
    """What a sheet made from any folder finds the image by; `#page=N` stays at its end."""
    image = specimen.image
    if specimen.name or not isinstance(image, (str, os.PathLike)):
        return signature.name
    if os.fspath(image) == "-" or is_data_url(image):
        return signature.name
    return os.path.abspath(image)


def _name(specimen: Specimen) -> str:
    image = specimen.image
    if specimen.name:
        return specimen.name
    return os.fspath(image)[:200] if isinstance(image, (str, os.PathLike)) else _kind(image)


def _kind(image: object) -> str:
    return f"<{type(image).__name__}>"
