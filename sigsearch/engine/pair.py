"""Images, one question: are they by one hand? Apart from the engine, because it needs no index and
should not wait for one to be imported."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TypeAlias

from sigsearch.documents.intake import signature_from, signature_to_enrol
from sigsearch.encoder import Encoder
from sigsearch.engine.examination import Examination, verification
from sigsearch.engine.judge import Judge, Rates
from sigsearch.engine.results import Verification
from sigsearch.engine.second_look import Postures
from sigsearch.engine.suspected_copy import Original, copied_among
from sigsearch.engine.weighing import weigh
from sigsearch.errors import ArgumentRefused
from sigsearch.imaging import ImageSource, Signature
from sigsearch.imaging.fingerprint import fingerprint
from sigsearch.imaging.several import several

Sources: TypeAlias = "Iterable[ImageSource | Signature] | ImageSource | Signature"


def verify(
    questioned: ImageSource | Signature,
    references: Sources,
    encoder: Encoder | None = None,
    rates: Rates | None = None,
) -> Verification:
    """Is a signature by the hand that wrote the reference, or all the references? Raises
    ImageError, CalibrationError or EncoderError."""
    return examine(questioned, references, encoder, rates).answer


def examine(
    questioned: ImageSource | Signature,
    references: Sources,
    encoder: Encoder | None = None,
    rates: Rates | None = None,
) -> Examination:
    """`verify`, with all that the answer rests on."""
    chosen, signature = encoder or Encoder.load(), signature_from(questioned)
    signatures = [signature_to_enrol(one) for one in several(references)]
    if not signatures:
        raise ArgumentRefused("give at least one reference to compare with")
    readings, judge = chosen.embed(signatures), Judge.of(chosen)
    prints = [fingerprint(one) for one in signatures]
    scores = partial(judge.fused, references=readings)
    postures = Postures(signature, chosen)
    weighed = weigh(postures, judge, rates or Rates(), scores, prints)
    names, hashes = [s.name for s in signatures], [s.content_hash for s in signatures]
    originals = list(map(Original, names, hashes, prints))
    shown = fingerprint(weighed.signature)
    copied = copied_among(signature.content_hash, shown, originals, weighed.pairs)
    answer = verification(signature, None, weighed, names, copied, chosen.card.id)
    return Examination(answer, signature, postures.reading, readings, tuple(hashes), judge)
