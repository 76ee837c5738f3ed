"""Specimens -> references in the index: read, skip what is known, encode in batches, commit."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sigsearch.documents.intake import signature_to_enrol
from sigsearch.encoder import Encoder
from sigsearch.engine.agreement import keep_agreement
from sigsearch.engine.held_names import HeldNames
from sigsearch.engine.results import Enrolment, Refusal
from sigsearch.engine.scan import packed, scan_of, scan_of_ink
from sigsearch.engine.template import pack_template
from sigsearch.errors import ImageError, ReferenceRefused, VerifyOnly
from sigsearch.imaging import ImageSource, Signature
from sigsearch.imaging.ahead import ahead
from sigsearch.imaging.crew import Crew
from sigsearch.imaging.sources import is_data_url, read_file
from sigsearch.index.index import Index
from sigsearch.index.records import EncoderIdentity, Reference
from sigsearch.names import as_text

if TYPE_CHECKING:
    from sigsearch.datasets import Dataset, LeftOut

BATCH = 32
"""References a transaction: what a kill in the middle of a build can cost is one batch."""


@dataclass(frozen=True, slots=True)
class Specimen:
    """One signature to enrol. `name` is what the index keeps of where it came from; without one,
    the absolute path of a file. `line` is that of the manifest that names it, 0 if none does."""

    writer: str
    image: ImageSource | Signature
    metadata: dict[str, str] = field(default_factory=dict)
    name: str | None = None
    line: int = 0


def identity_of(encoder: Encoder) -> EncoderIdentity:
    """What the index keeps of the encoder that made it."""
    card = encoder.card
    return EncoderIdentity(card.id, card.preprocessing_version, card.dimensions)


def specimens_of(dataset: Dataset) -> Iterator[Specimen]:
    """The genuine samples of a dataset, in its order."""
    for sample in dataset.genuine():
        image = sample.source
        name = None if isinstance(image, Path) else as_text(sample.path)
        yield Specimen(sample.writer, image, dict(sample.metadata), name, sample.line)


def enrol_specimens(
    index: Index,
    encoder: Encoder,
    specimens: Iterable[Specimen],
    forgeries: int = 0,
    keep_images: bool = False,
    tell: Callable[[Sequence[Reference]], None] | None = None,
) -> Enrolment:
    """Enrol all, with their scans if `keep_images`, and `tell` of each batch that is stored; what
    cannot be read is reported at the end and never stops the rest. A writer whom the index holds
    under a name in another form gets the references under that name."""
    known, refused, elsewhere = 0, list[Refusal](), list[Refusal]()
    enrolled = 0
    writers: set[str] = set()
    held, crew = HeldNames(index), Crew()
    pending: list[tuple[Specimen, Signature]] = []
    try:
        for given, reading in ahead(partial(_read_if_new, index, crew), specimens):
            specimen = replace(given, writer=held.find(given.writer))
            writers.add(specimen.writer)
            try:
                signature = _unless_known(index, specimen, reading.result())
            except ImageError as fault:
                row = f"line {specimen.line}: " if specimen.line else ""
                refused.append(Refusal(_name(specimen), fault.code, f"{row}{fault}"))
                continue
            if signature is None:
                known += 1
                continue
            if found := _held_elsewhere(index, specimen, signature, pending):
                elsewhere.append(found)
            pending.append((specimen, signature))
            if len(pending) == BATCH:
                batch, pending = pending, []
                enrolled += _commit(index, encoder, batch, refused, keep_images, tell)
    finally:  # whatever ended the specimens, those that were read are kept
        crew.close()
        if pending:
            enrolled += _commit(index, encoder, pending, refused, keep_images, tell)
    return Enrolment(
        enrolled, known, forgeries, len(writers), tuple(refused), elsewhere=tuple(elsewhere)
    )


def with_left_out(report: Enrolment, left_out: Iterable[LeftOut]) -> Enrolment:
    """The report of an enrolment, with what was no specimen in the first place: among `refused`
    what should have been one."""
    refused, others = list(report.refused), list(report.left_out)
    for item in left_out:
        told = refused if item.failed else others
        told.append(Refusal(as_text(item.path), "left_out", str(item)))
    return replace(report, refused=tuple(refused), left_out=tuple(others))


def _read_if_new(index: Index, crew: Crew, specimen: Specimen) -> Signature | None:
    """The signature in a file that the index holds for nobody; None for all others, and for what is
    no file. This runs ahead of the specimens before it."""
    data = _file_of(specimen)
    if data is None or index.has(hashlib.sha256(data).hexdigest()):
        return None
    return crew.call(signature_to_enrol, data, specimen.name or str(specimen.image))


def _unless_known(index: Index, specimen: Specimen, ready: Signature | None) -> Signature | None:
    """The signature, `ready` or read now, or None when its writer has this very file already: then
    it is not decoded."""
    if ready is None and (data := _file_of(specimen)) is not None:
        if index.has(hashlib.sha256(data).hexdigest(), specimen.writer):
            return None
        return signature_to_enrol(data, specimen.name or str(specimen.image))
    signature = ready or signature_to_enrol(specimen.image, specimen.name)
    return None if index.has(signature.content_hash, specimen.writer) else signature


def _file_of(specimen: Specimen) -> bytes | None:
    image = specimen.image
    if isinstance(image, (str, Path)) and os.path.isfile(image):
        return read_file(Path(image), str(image))
    return None


def _commit(
    index: Index,
    encoder: Encoder,
    batch: Sequence[tuple[Specimen, Signature]],
    refused: list[Refusal],
    keep_images: bool,
    tell: Callable[[Sequence[Reference]], None] | None,
) -> int:
    references = keep_agreement(index, encoder, _references(encoder, batch, keep_images))
    try:
        count = index.enrol(references)
    except ReferenceRefused:
        count = sum(_enrol_one(index, reference, refused) for reference in references)
    if tell is not None and count:
        tell([one for one in references if index.has(one.content_hash, one.writer)])
    return count


def reference_of(encoder: Encoder, specimen: Specimen) -> Reference:
    """One specimen, read and encoded. Raises ImageError."""
    signature = signature_to_enrol(specimen.image, specimen.name)
    return _references(encoder, [(specimen, signature)], keep_images=False)[0]


def _references(
    encoder: Encoder, batch: Sequence[tuple[Specimen, Signature]], keep_images: bool
) -> list[Reference]:
    readings = encoder.embed([signature for _, signature in batch])
    now = datetime.now(timezone.utc).isoformat(timespec="seconds")
    return [
        Reference(
            writer=specimen.writer,
            vector=readings.vectors[row],
            local=pack_template(
                readings, row, signature, _scan(specimen, signature) if keep_images else b""
            ),
            content_hash=signature.content_hash,
            source=_source(specimen, signature),
            metadata=specimen.metadata,
            warnings=signature.warnings,
            enrolled_at=now,
        )
        for row, (specimen, signature) in enumerate(batch)
    ]


def _held_elsewhere(
    index: Index,
    specimen: Specimen,
    signature: Signature,
    pending: Sequence[tuple[Specimen, Signature]],
) -> Refusal | None:
    """That this very image is enrolled under another name already; it is enrolled all the same."""
    digest = signature.content_hash
    names = {s.writer for s, one in pending if one.content_hash == digest} - {specimen.writer}
    try:
        names.update(index.holders(digest))
    except VerifyOnly:  # whose names nobody can read
        names.update(["another writer"] if index.has(digest) else [])
    if not names:
        return None
    told = " and ".join(map(repr, sorted(names)))
    text = f"{_name(specimen)}: this image is enrolled for {told} already; no two writers share one"
    return Refusal(_name(specimen), "enrolled_elsewhere", text)


def _scan(specimen: Specimen, signature: Signature) -> bytes:
    """The packed scan; the cleaned ink in its place where the image cannot be read again."""
    if isinstance(specimen.image, Signature) or hasattr(specimen.image, "read"):
        return packed(scan_of_ink(signature))
    try:
        return packed(scan_of(specimen.image, signature))
    except ImageError:
        return packed(scan_of_ink(signature))


def _enrol_one(index: Index, reference: Reference, refused: list[Refusal]) -> int:
    try:
        return index.enrol([reference])
    except ReferenceRefused as fault:
        refused.append(Refusal(reference.source, fault.code, str(fault)))
        return 0


def _source(specimen: Specimen, signature: Signature) -> str:
    """What a sheet made from any folder finds the image by; `#page=N` stays at its end."""
    image = specimen.image
    if specimen.name or not isinstance(image, (str, os.PathLike)):
        return as_text(signature.name)
    if is_data_url(image) or os.fspath(image) == "-":
        return as_text(signature.name)
    return as_text(os.path.abspath(image))


def _name(specimen: Specimen) -> str:
    if specimen.name:
        return as_text(specimen.name)
    image = specimen.image
    if isinstance(image, (str, os.PathLike)):
        return as_text(os.fspath(image)[:200])
    return f"<{type(image).__name__}>"
