"""All that an evidence sheet shows, from an index or from images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sigsearch.encoder import Embeddings, Encoder
from sigsearch.engine.examination import Examination
from sigsearch.engine.judge import Judge
from sigsearch.engine.results import Verification
from sigsearch.engine.scan import Scan, scan_of
from sigsearch.engine.signature_index import SignatureIndex
from sigsearch.engine.source_image import original
from sigsearch.engine.template import scan_kept
from sigsearch.errors import ImageError
from sigsearch.imaging import ImageSource, Signature, read_signature
from sigsearch.index.records import Reference


@dataclass(frozen=True, slots=True)
class About:
    """Whose sheet it is: what the examiner states, and when it was made. dpi: the resolution of
    scans whose files do not state it."""

    case_number: str = ""
    examiner: str = ""
    dpi: float | None = None
    at: datetime = field(default_factory=lambda: datetime.now().astimezone())


@dataclass(frozen=True, slots=True)
class ShownReference:
    """A reference on the sheet; `signature` and `scan` are None when its image is not at hand;
    kept: whether they come from the index, since the file is gone."""

    source: str
    content_hash: str
    score: float
    signature: Signature | None
    scan: Scan | None = None
    kept: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """`reading` is that of `questioned`, `readings` are those of `references`, in their order;
    `identity`: names and values that tell model and index apart from others; `scan`: of the
    questioned signature, None where it cannot be read a second time."""

    answer: Verification
    questioned: Signature
    reading: Embeddings
    references: Sequence[ShownReference]
    readings: Embeddings
    judge: Judge
    identity: Mapping[str, str]
    about: About = field(default_factory=About)
    scan: Scan | None = None

    @property
    def whom(self) -> str:
        """Who or what the questioned signature was compared with."""
        if self.answer.writer:
            return self.answer.writer
        count = len(self.references)
        return self.references[0].source if count == 1 else f"{count} references"

    @property
    def closest(self) -> ShownReference:
        return max(self.references, key=lambda reference: reference.score)

    @property
    def copied(self) -> ShownReference | None:
        """The reference of which the questioned signature seems to be a copy."""
        named = self.answer.suspected_copy
        return next((r for r in self.references if named and r.source == named), None)


def case_against_writer(
    index: SignatureIndex,
    examined: Examination,
    about: About | None = None,
    source: ImageSource | None = None,
) -> Case:
    """The case of what `index.examine(image, writer)` gave; `source`: that image, for its scan."""
    info, chosen = index.info(), about or About()
    place = (
        f"{info.path}, generation {info.generation}, {info.writer_count} writers, "
        f"{info.reference_count} references"
    )
    (held,) = index.index.references_of([str(examined.answer.writer)])
    enrolled = {reference.content_hash: reference for reference in held}
    shown = [
        _shown(one.source, digest, one.score, enrolled.get(digest), index.encoder, chosen)
        for one, digest in zip(examined.answer.references, examined.content_hashes, strict=True)
    ]
    return _case(examined, shown, index.encoder, {"index": place}, chosen, source)


def case_against_images(
    examined: Examination,
    references: Sequence[Signature],
    encoder: Encoder,
    about: About | None = None,
    source: ImageSource | None = None,
    sources: Sequence[ImageSource] = (),
) -> Case:
    """The case of what `sigsearch.engine.pair.examine(image, references)` gave; `source` and
    `sources`: these images, for their scans."""
    chosen = about or About()
    read_from = [*sources, *[None] * (len(references) - len(sources))]
    answered = zip(examined.answer.references, references, read_from, strict=True)
    shown = [
        ShownReference(r.source, s.content_hash, r.score, s, _scan(place, s, chosen.dpi))
        for r, s, place in answered
    ]
    return _case(examined, shown, encoder, {}, chosen, source)


def _shown(
    source: str,
    digest: str,
    score: float,
    enrolled: Reference | None,
    encoder: Encoder,
    about: About,
) -> ShownReference:
    """From the file where it still lies there, otherwise from the scan that was kept."""
    signature = original(source, digest)
    if signature is not None:
        scan = _scan(signature.name, signature, about.dpi)
        return ShownReference(source, digest, score, signature, scan)
    scan = scan_kept(enrolled, encoder.card) if enrolled else None
    if scan is None:
        return ShownReference(source, digest, score, None)
    try:
        signature = read_signature(scan.grey, source)
    except ImageError:
        signature = None
    return ShownReference(source, digest, score, signature, scan, kept=True)


def _scan(source: ImageSource | None, signature: Signature, dpi: float | None) -> Scan | None:
    if source is None:
        return None
    try:
        return scan_of(source, signature, dpi)
    except ImageError:
        return None


def _case(
    examined: Examination,
    references: Sequence[ShownReference],
    encoder: Encoder,
    more: Mapping[str, str],
    about: About,
    source: ImageSource | None,
) -> Case:
    return Case(
        answer=examined.answer,
        questioned=examined.questioned,
        reading=examined.reading,
        references=references,
        readings=examined.readings,
        judge=examined.judge,
        identity={**_model(encoder, examined.judge), **more},
        about=about,
        scan=_scan(source, examined.questioned, about.dpi),
    )


def _model(encoder: Encoder, judge: Judge) -> dict[str, str]:
    return {
        "model": encoder.card.id,
        **{f"{name}, SHA-256": digest for name, digest in encoder.card.files.items()},
        "preprocessing": str(encoder.card.preprocessing_version),
        "calibration": judge.calibrations.calibrated_on,
    }
