"""The copy alarm: copies of a reference that it finds, and genuine signatures that it takes for
copies of one another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from sigsearch.datasets import Dataset, Sample
from sigsearch.encoder import Embeddings, Encoder
from sigsearch.engine.judge import Judge
from sigsearch.engine.suspected_copy import LIKELIEST
from sigsearch.errors import ImageError
from sigsearch.evaluation.figures.estimate import share_of
from sigsearch.evaluation.stated_rates.measured import CopiesFound, FalseAlarms
from sigsearch.evaluation.stated_rates.recaptured import WAYS, Change, grey
from sigsearch.imaging import read_signature
from sigsearch.imaging.fingerprint import fingerprint, is_copy
from sigsearch.trials.features import Progress
from sigsearch.trials.parallel import spread

REFERENCES = 8


@dataclass(frozen=True, slots=True)
class _Picked:
    """A reference to be copied, and its writer's references, itself the first of them."""

    sample: Sample
    references: Sequence[Sample]
    readings: Embeddings


def copy_alarm(
    used: Dataset,
    readings: Embeddings,
    encoder: Encoder,
    judge: Judge,
    sampled: int,
    progress: Progress | None = None,
) -> tuple[list[CopiesFound], FalseAlarms]:
    """How many copies of `sampled` genuine signatures are found among REFERENCES of their writer,
    by the way in which they were made, and the alarms among pairs of a writer's genuine ones;
    `readings` are those of `used.samples`."""
    genuine = used.genuine()
    row = {s.id: n for n, s in enumerate(used.samples)}
    prints = dict(zip((s.id for s in genuine), spread(_fingerprint, genuine), strict=True))
    chosen = np.random.default_rng(0).choice(len(genuine), min(sampled, len(genuine)), False)
    picked = []
    for sample in (genuine[n] for n in chosen):
        others = [s for s in used.genuine(sample.writer) if s.id != sample.id]
        references = [sample, *others][:REFERENCES]
        rows = np.array([row[s.id] for s in references])
        picked.append(_Picked(sample, references, readings[rows]))
    found = []
    for at, (way, change) in enumerate(WAYS.items()):
        if progress is not None:
            progress(f"copies of {used.name}", at + 1, len(WAYS))
        tried = [(_noticed(one, change, encoder, judge, prints), one.sample) for one in picked]
        noticed = np.array([seen for seen, _ in tried if seen is not None], bool)
        hands = [sample.hand for seen, sample in tried if seen is not None]
        if len(noticed):
            numbers = np.unique(hands, return_inverse=True)[1].astype(np.int64)
            found.append(CopiesFound(used.name, way, len(noticed), share_of(noticed, numbers)))
    pairs = list(_pairs(used))
    alarms = [(a.id, b.id) for a, b in pairs if is_copy(prints[a.id], prints[b.id])]
    return found, FalseAlarms(used.name, len(pairs), tuple(alarms))


def _fingerprint(sample: Sample) -> bytes:
    return fingerprint(read_signature(sample.source))


def _noticed(
    picked: _Picked, change: Change, encoder: Encoder, judge: Judge, prints: dict[str, bytes]
) -> bool | None:
    """Whether a copy made in this way is noticed, as `sigsearch verify` looks for one; None where
    the copy itself is refused."""
    try:
        copy = read_signature(np.asarray(change(grey(picked.sample))))
    except ImageError:
        return None
    scores = judge.pair_scores(encoder.embed([copy]), picked.readings)[0]
    looked_at = [prints[picked.references[n].id] for n in np.argsort(-scores)[:LIKELIEST]]
    print_of_it = fingerprint(copy)
    return any(is_copy(print_of_it, kept) for kept in looked_at)


def _pairs(used: Dataset) -> Iterator[tuple[Sample, Sample]]:
    for writer in used.writers:
        yield from combinations(used.genuine(writer), 2)
