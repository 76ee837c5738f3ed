"""Each approach with a given set of writers: trained or enrolled, asked, weighed."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sigsearch.arrays import Mask
from sigsearch.classifier import Classifier
from sigsearch.classifier.card import NETWORK
from sigsearch.classifier.split import Split
from sigsearch.comparison.outcome import ClassifierStage, Cost, IndexStage
from sigsearch.datasets import Sample
from sigsearch.engine.enrolment import Specimen
from sigsearch.engine.results import Enrolment, Identification
from sigsearch.engine.signature_index import SignatureIndex
from sigsearch.errors import ClassifierError, SigsearchError
from sigsearch.imaging import Signature, read_signature

if TYPE_CHECKING:
    from sigsearch.training.classifier.pipeline import Trained
    from sigsearch.training.classifier.trainer import ClassifierPlan


@dataclass(slots=True)
class Stopwatch:
    """What happened between `with stopwatch() as watch:` and its end, in `watch.cost`."""

    cost: Cost = field(default_factory=lambda: Cost(0.0, 0.0))


@contextmanager
def stopwatch() -> Iterator[Stopwatch]:
    watch = Stopwatch()
    clock, work = time.perf_counter(), time.process_time()
    yield watch
    watch.cost = Cost(time.perf_counter() - clock, time.process_time() - work)


def sum_of(costs: Iterable[Cost]) -> Cost:
    costs = list(costs)
    return Cost(sum(c.seconds for c in costs), sum(c.cpu_seconds for c in costs))


@dataclass(frozen=True, slots=True)
class Question:
    """A signature that is read already, and who wrote it."""

    writer: str
    signature: Signature


def questions_of(samples: Iterable[Sample]) -> list[Question]:
    """Read what can be read."""
    found = []
    for sample in samples:
        try:
            found.append(Question(sample.writer, read_signature(sample.source)))
        except SigsearchError:
            continue
    return found


def thinned(samples: Sequence[Sample], limit: int) -> list[Sample]:
    """At most `limit` of them, evenly from all writers."""
    if len(samples) <= limit:
        return list(samples)
    return [samples[at] for at in np.linspace(0, len(samples) - 1, limit).astype(int)]


def train_stage(
    split: Split,
    folder: Path,
    plan: ClassifierPlan,
    questions: Sequence[Question],
    report: Callable[[str], None],
) -> tuple[Classifier, ClassifierStage, Mask]:
    """Train on the writers of `split` and ask; tells of each question whether it came out right.

    A classifier that lies in `folder` already, trained on the same images in the same way, is
    taken as it is, with the cost that it had.
    """
    trained = _trained(split, folder, plan, report)
    classifier = Classifier.load(folder)
    with stopwatch() as watch:
        named = [classifier.classify(q.signature, k=1).writer for q in questions]
    right = np.array([name == q.writer for name, q in zip(named, questions, strict=True)])
    facts = trained.card.training
    stage = ClassifierStage(
        writer_count=len(split.writers),
        images=facts["images"],
        epochs=facts["epochs"],
        train=Cost(trained.seconds, trained.cpu_seconds),
        model_bytes=(folder / NETWORK).stat().st_size,
        questions=len(questions),
        right=int(right.sum()),
        ask=watch.cost.seconds / max(len(questions), 1),
    )
    return classifier, stage, right


def _trained(
    split: Split, folder: Path, plan: ClassifierPlan, report: Callable[[str], None]
) -> Trained:
    from sigsearch.training.classifier.data import read_data
    from sigsearch.training.classifier.pipeline import fit

    data = read_data(split)
    try:
        return fit(data, folder, plan, report=report)
    except ClassifierError as fault:
        report(f"training again: {fault}")
        shutil.rmtree(folder)
        return fit(data, folder, plan, report=report)


def enrol(index: SignatureIndex, samples: Sequence[Sample]) -> tuple[Cost, Enrolment]:
    """Enrol from the files, as a user would."""
    specimens = (Specimen(s.writer, s.source, {}, str(s.path)) for s in samples)
    with stopwatch() as watch:
        report = index.enrol_all(specimens)
    return watch.cost, report


def ask_index(
    index: SignatureIndex, questions: Sequence[Question], fpir: float
) -> tuple[list[Identification], Cost]:
    """Who signed each? In order."""
    with stopwatch() as watch:
        answers = [index.identify(q.signature, k=1, fpir=fpir) for q in questions]
    return answers, watch.cost


def index_stage(
    index: SignatureIndex, cost: Cost, questions: Sequence[Question], fpir: float
) -> tuple[IndexStage, Mask]:
    """Ask an index that `cost` filled; tells of each question whether its writer came first."""
    answers, asked = ask_index(index, questions, fpir)
    first = [a.candidates[0].writer if a.candidates else None for a in answers]
    right = np.array([name == q.writer for name, q in zip(first, questions, strict=True)])
    identified = np.array([answer.writer is not None for answer in answers])
    info = index.info()
    stage = IndexStage(
        writer_count=info.writer_count,
        reference_count=info.reference_count,
        enrol=cost,
        index_bytes=info.bytes,
        questions=len(questions),
        right=int(right.sum()),
        identified=int((right & identified).sum()),
        ask=asked.seconds / max(len(questions), 1),
    )
    return stage, right
