"""All that an evidence sheet shows, from an index or from two images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sigsearch.encoder import Embeddings, Encoder
from sigsearch.engine.examination import Examination
from sigsearch.engine.judge import Judge
from sigsearch.engine.results import Verification
from sigsearch.engine.signature_index import SignatureIndex
from sigsearch.engine.source_image import original
from sigsearch.imaging import Signature


@dataclass(frozen=True, slots=True)
class ShownReference:
    """A reference on the sheet; `signature` is None when its image is not at hand."""

    source: str
    content_hash: str
    score: float
    signature: Signature | None


@dataclass(frozen=True, slots=True)
class Case:
    """`reading` is that of `questioned`, `readings` are those of `references`, in their order;
    `identity`: names and values that tell model and index apart from others."""

    answer: Verification
    questioned: Signature
    reading: Embeddings
    references: Sequence[ShownReference]
    readings: Embeddings
    judge: Judge
    identity: Mapping[str, str]

    @property
    def whom(self) -> str:
        """Who or what the questioned signature was compared with."""
        return self.answer.writer or self.references[0].source

    @property
    def closest(self) -> ShownReference:
        return max(self.references, key=lambda reference: reference.score)


def case_against_writer(index: SignatureIndex, examined: Examination) -> Case:
    """The case of what `index.examine(image, writer)` gave."""
    info = index.info()
    place = (
        f"{info.path}, generation {info.generation}, {info.writer_count} writers, "
        f"{info.reference_count} references"
    )
    sources = [reference.source for reference in examined.answer.references]
    images = list(map(original, sources, examined.content_hashes))
    return _case(examined, images, index.encoder, {"index": place})


def case_against_images(
    examined: Examination, references: Sequence[Signature], encoder: Encoder
) -> Case:
    """The case of what `sigsearch.engine.pair.examine(image, references)` gave."""
    return _case(examined, references, encoder, {})


def _case(
    examined: Examination,
    images: Sequence[Signature | None],
    encoder: Encoder,
    more: Mapping[str, str],
) -> Case:
    known = zip(examined.answer.references, examined.content_hashes, images, strict=True)
    return Case(
        answer=examined.answer,
        questioned=examined.questioned,
        reading=examined.reading,
        references=[ShownReference(r.source, digest, r.score, image) for r, digest, image in known],
        readings=examined.readings,
        judge=examined.judge,
        identity={**_model(encoder, examined.judge), **more},
    )


def _model(encoder: Encoder, judge: Judge) -> dict[str, str]:
    return {
        "model": encoder.card.id,
        **{f"{name}, SHA-256": digest for name, digest in encoder.card.files.items()},
        "preprocessing": str(encoder.card.preprocessing_version),
        "calibration": judge.calibrations.calibrated_on,
    }
