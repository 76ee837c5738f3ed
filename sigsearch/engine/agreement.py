"""How well a writer's references agree: found when one is enrolled, and kept with it, so that a
question compares nothing but the questioned signature.

Each reference keeps its likenesses to those enrolled before it. What is not kept, as of references
from elsewhere, is compared when it is asked for.
"""

from __future__ import annotations

import struct
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress

import numpy as np

from sigsearch.arrays import Singles
from sigsearch.encoder import Encoder, ModelCard
from sigsearch.encoder.encoder import MATCHER
from sigsearch.engine.judge import matcher_of
from sigsearch.engine.template import kept_agreement, readings_of, with_agreement
from sigsearch.errors import EncoderError, IndexFault
from sigsearch.index.index import Index
from sigsearch.index.records import Reference
from sigsearch.matching.head import CHANNELS
from sigsearch.matching.similarity import likenesses

MOST = 64  # references of a writer, above which none are compared beforehand
_MATCHER = struct.Struct("<8s")  # which comparison it was
_ENTRY = np.dtype([("reference", "<u8"), ("likenesses", "<f4", (len(CHANNELS),))])


def keep_agreement(
    index: Index, encoder: Encoder, references: Sequence[Reference]
) -> list[Reference]:
    """New references, each with its likenesses to those of its writer that are enrolled or come
    before it; as they are where that cannot be told."""
    new: dict[str, list[int]] = defaultdict(list)
    for at, reference in enumerate(references):
        new[reference.writer].append(at)
    kept = list(references)
    with suppress(EncoderError, IndexFault):  # enrolling says what is wrong
        held = index.references_of(list(new))
        for earlier, rows in zip(held, new.values(), strict=True):
            some = [*earlier, *(references[at] for at in rows)]
            if 1 < len(some) <= MOST:
                told = _told(encoder, some, len(earlier))
                for at, entries in zip(rows, told, strict=True):
                    kept[at] = with_agreement(references[at], entries, encoder.card)
    return kept


def _told(encoder: Encoder, references: Sequence[Reference], start: int) -> list[bytes]:
    """For each reference from `start` on, what it keeps of those before it."""
    readings, matcher = readings_of(references, encoder.card), matcher_of(encoder)
    head = _MATCHER.pack(_comparison(encoder.card))
    told = [b""] if start == 0 else []  # the first has nobody before it
    for row in range(max(start, 1), len(references)):
        entries = np.zeros(row, _ENTRY)
        entries["reference"] = [_number(one) for one in references[:row]]
        entries["likenesses"] = likenesses(readings[row], readings[:row], matcher)[0]
        told.append(head + entries.tobytes())
    return told


def agreement_of(references: Sequence[Reference], card: ModelCard) -> Singles:
    """What is kept of the likenesses among the references of a writer: (R, R, channels), the
    diagonal zero, NaN where nothing is kept."""
    among = np.full((len(references), len(references), len(CHANNELS)), np.nan, np.float32)
    among[np.diag_indices(len(references))] = 0
    places = {_number(one): at for at, one in enumerate(references)}
    if len(places) < len(references):  # two that begin alike cannot be told apart
        return among
    comparison = _comparison(card)
    for row, reference in enumerate(references):
        kept = kept_agreement(reference, card)
        if kept[: _MATCHER.size] != comparison or (len(kept) - _MATCHER.size) % _ENTRY.itemsize:
            continue
        entries = np.frombuffer(kept, _ENTRY, offset=_MATCHER.size)
        if not np.isfinite(entries["likenesses"]).all():
            continue
        for number, known in zip(entries["reference"].tolist(), entries["likenesses"], strict=True):
            at = places.get(number, row)
            if at != row:
                among[at, row] = among[row, at] = known
    return among


def _number(reference: Reference) -> int:
    return int(reference.content_hash[:16], 16)


def _comparison(card: ModelCard) -> bytes:
    """Names the comparison whose likenesses were kept: another one's are of no use."""
    return bytes.fromhex(card.files.get(MATCHER, "")[:16])
