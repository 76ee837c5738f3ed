"""Two images, one question: are they by one hand? Apart from the engine, because it needs no index
and should not wait for one to be imported."""

from __future__ import annotations

from functools import partial

from sigsearch.documents.intake import signature_from
from sigsearch.encoder import Encoder
from sigsearch.engine.examination import Examination, verification
from sigsearch.engine.judge import Judge, Rates
from sigsearch.engine.results import Verification
from sigsearch.engine.second_look import Postures
from sigsearch.engine.weighing import weigh
from sigsearch.imaging import ImageSource, Signature
from sigsearch.imaging.fingerprint import fingerprint, is_copy


def verify(
    questioned: ImageSource | Signature,
    reference: ImageSource | Signature,
    encoder: Encoder | None = None,
    rates: Rates | None = None,
) -> Verification:
    """Are two signatures by one hand? Raises ImageError, CalibrationError or EncoderError."""
    return examine(questioned, reference, encoder, rates).answer


def examine(
    questioned: ImageSource | Signature,
    reference: ImageSource | Signature,
    encoder: Encoder | None = None,
    rates: Rates | None = None,
) -> Examination:
    """`verify`, with all that the answer rests on."""
    chosen = encoder or Encoder.load()
    signatures = [signature_from(questioned), signature_from(reference)]
    readings, judge = chosen.embed(signatures), Judge.of(chosen)
    prints = [fingerprint(signatures[1])]
    scores = partial(judge.fused, references=readings[1])
    postures = Postures(signatures[0], chosen)
    weighed = weigh(postures, readings[0], judge, rates or Rates(), scores, prints)
    name = signatures[1].name
    copied = name if is_copy(fingerprint(weighed.signature), prints[0]) else None
    answer = verification(signatures[0], None, weighed, [name], copied, chosen.card.id)
    hashes = (signatures[1].content_hash,)
    return Examination(answer, signatures[0], readings[0], readings[1], hashes, judge)
