"""What a closed set cannot do: writers never seen, and pairs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sigsearch.arrays import Floats, Mask, Singles
from sigsearch.classifier import Classifier
from sigsearch.classifier.split import Split
from sigsearch.comparison.outcome import IndexStage, Pairs, Strangers
from sigsearch.comparison.stages import Question, ask_index, questions_of, stopwatch
from sigsearch.datasets import Sample
from sigsearch.engine.judge import Judge
from sigsearch.engine.results import Identification
from sigsearch.engine.signature_index import SignatureIndex
from sigsearch.metrics import eer

_EACH = 4
"""Genuine signatures and forgeries of each writer that are paired."""


def ask_about_strangers(
    classifier: Classifier,
    index: SignatureIndex,
    stage: IndexStage,
    known: Sequence[Question],
    validation: Sequence[Question],
    strangers: Sequence[Question],
    fpir: float,
) -> Strangers:
    """`known` and `stage` are of the writers that both know, `validation` other images of them.

    The classifier gets the best chance there is: a floor under its probability, set on validation
    images so that it turns away the share of known writers that the index misses.
    """
    sure_valid, right_valid = _sureness(classifier, validation)
    sure_known, right_known = _sureness(classifier, known)
    sure, _ = _sureness(classifier, strangers)
    floor = float(np.quantile(np.where(right_valid, sure_valid, 0.0), stage.missed))
    answers, _ = ask_index(index, strangers, fpir)
    known_answers, _ = ask_index(index, known, fpir)
    wanted = [question.writer for question in known]
    return Strangers(
        questions=len(strangers),
        classifier_named=1.0,
        classifier_sure=float(sure.mean()),
        floor=floor,
        floor_missed=float(1 - (right_known & (sure_known >= floor)).mean()),
        floor_named=float((sure >= floor).mean()),
        fpir=fpir,
        index_missed=stage.missed,
        index_named=sum(answer.writer is not None for answer in answers) / max(len(answers), 1),
        extrapolated=any(answer.gallery.extrapolated for answer in answers),
        classifier_equal=eer(np.where(right_known, sure_known, -1.0), sure),
        index_equal=eer(_margins(known_answers, wanted), _margins(answers)),
    )


def verify_pairs(judge: Judge, index: SignatureIndex, split: Split) -> Pairs:
    """Pairs of the writers in `split`: their test images with one another, with other writers'
    and with forgeries. The equal error rates are for one reference."""
    genuine = questions_of(_first_of_each(split.test, split.writers))
    forged = questions_of(_first_of_each(split.forgeries, split.writers))
    readings = index.encoder.embed([q.signature for q in genuine])
    with stopwatch() as watch:
        scores = judge.pair_scores(readings, readings)
    same = _same_writer(genuine, genuine)
    upper = np.triu(np.ones_like(same), 1)
    own, others = scores[same & upper], scores[~same & upper]
    skilled = np.zeros(0, np.float32)
    if forged:
        imitations = index.encoder.embed([q.signature for q in forged])
        skilled = judge.pair_scores(imitations, readings)[_same_writer(forged, genuine)]
    return Pairs(
        writer_count=len(split.writers),
        genuine=len(own),
        random=len(others),
        skilled=len(skilled),
        eer=eer(own, others),
        skilled_eer=eer(own, skilled) if len(skilled) else None,
        seconds=watch.cost.seconds / max(scores.size, 1),
    )


def _sureness(classifier: Classifier, questions: Sequence[Question]) -> tuple[Singles, Mask]:
    """The probability of the name that the classifier gives, and whether it is the writer's."""
    shares = classifier.probabilities([q.signature for q in questions])
    named = [classifier.card.writers[at] for at in shares.argmax(axis=1)]
    right = [name == q.writer for name, q in zip(named, questions, strict=True)]
    return shares.max(axis=1), np.array(right, bool)


def _margins(answers: Sequence[Identification], wanted: Sequence[str] | None = None) -> Floats:
    """How far the first candidate is above its threshold; nowhere near if it is not the `wanted`
    writer, for then no threshold makes it right."""
    margins = []
    for at, answer in enumerate(answers):
        best = answer.candidates[0]
        wrong = wanted is not None and best.writer != wanted[at]
        margins.append(-np.inf if wrong else best.score - best.threshold)
    return np.array(margins)


def _first_of_each(samples: Sequence[Sample], writers: Sequence[str]) -> list[Sample]:
    counts = dict.fromkeys(writers, 0)
    chosen = []
    for sample in samples:
        counts[sample.writer] += 1
        if counts[sample.writer] <= _EACH:
            chosen.append(sample)
    return chosen


def _same_writer(a: Sequence[Question], b: Sequence[Question]) -> Mask:
    left, right = np.array([q.writer for q in a]), np.array([q.writer for q in b])
    same: Mask = left[:, None] == right
    return same
