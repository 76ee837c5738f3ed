"""Everything that an evidence sheet shows, brought together from an index or from two images."""

from __future__ import annotations

from sigsearch.encoder import Encoder
from sigsearch.engine.judge import Judge
from sigsearch.engine.results import Verification
from sigsearch.engine.signature_index import SignatureIndex
from sigsearch.engine.source_image import original
from sigsearch.engine.template import readings_of
from sigsearch.imaging import Signature
from sigsearch.report.evidence import Case, ShownReference


def case_against_writer(index: SignatureIndex, answer: Verification, image: Signature) -> Case:
    """The case of `answer`, which `index.verify(image, writer)` gave. Raises WriterUnknown."""
    enrolled = index.index.references(answer.writer or "")
    images = [original(r.source, r.content_hash) for r in enrolled]
    info = index.info()
    return Case(
        answer=answer,
        questioned=image,
        reading=index.encoder.embed([image]),
        references=[
            ShownReference(r.source, r.content_hash, scored.score, image_of_r)
            for r, scored, image_of_r in zip(enrolled, answer.references, images, strict=True)
        ],
        readings=readings_of(enrolled, index.encoder.card),
        judge=index.judge,
        identity={
            **_model(index.encoder, index.judge),
            "index": f"{info.path}, generation {info.generation}, {info.writers} writers, "
            f"{info.references} references",
        },
    )


def case_against_image(
    answer: Verification, image: Signature, reference: Signature, encoder: Encoder
) -> Case:
    """The case of `answer`, which `sigsearch.verify(image, reference)` gave."""
    judge = Judge.of(encoder)
    readings = encoder.embed([image, reference])
    score = answer.references[0].score
    shown = ShownReference(reference.name, reference.content_hash, score, reference)
    return Case(answer, image, readings[0], [shown], readings[1], judge, _model(encoder, judge))


def _model(encoder: Encoder, judge: Judge) -> dict[str, str]:
    hashes = ", ".join(f"{name} {digest}" for name, digest in encoder.card.files.items())
    return {
        "model": encoder.card.id,
        "model files, SHA-256": hashes,
        "preprocessing": str(encoder.card.preprocessing_version),
        "calibration": judge.calibrations.population,
    }
