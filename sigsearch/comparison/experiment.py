"""The comparison as it goes: four stages of growing numbers of writers, then the open questions."""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sigsearch.classifier import Classifier
from sigsearch.classifier.split import Split
from sigsearch.comparison.openset import ask_about_strangers, verify_pairs
from sigsearch.comparison.outcome import Added, Comparison, Cost, Stage, Strangers
from sigsearch.comparison.stages import (
    Question,
    enrol,
    index_stage,
    questions_of,
    sum_of,
    thinned,
    train_stage,
)
from sigsearch.encoder import Encoder
from sigsearch.encoder.encoder import NETWORK
from sigsearch.engine.signature_index import SignatureIndex
from sigsearch.errors import DatasetError, ImageError
from sigsearch.matching.rates import check_rate

if TYPE_CHECKING:
    from sigsearch.training.classifier.trainer import ClassifierPlan

NEWCOMERS = 10
LEAST_WRITERS = 4
Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Options:
    """fpir: the stated false positive rate of a search; questions: asked at each stage but the
    last, which is asked everything."""

    fpir: float = 0.01
    questions: int = 300

    def __post_init__(self) -> None:
        """Raises CalibrationError: better now than after the first classifier."""
        check_rate(self.fpir)


def compare(
    split: Split,
    work: Path,
    plan: ClassifierPlan,
    encoder: Encoder,
    options: Options | None = None,
    report: Report = lambda _line: None,
) -> Comparison:
    """Measure both approaches on `split`. `work` gets the classifiers, where it does not have them
    from before, and the index, made anew.

    Writers join in natural order: a quarter, half (the others are its strangers), all but ten, all.
    Raises DatasetError when there are fewer than four writers.
    """
    return _Comparison(split, work, plan, encoder, options or Options(), report).run()


@dataclass(frozen=True, slots=True)
class _Step:
    """A stage, and what the questions about strangers need of it."""

    stage: Stage
    added: Added
    classifier: Classifier
    part: Split
    questions: list[Question]


class _Comparison:
    def __init__(
        self,
        split: Split,
        work: Path,
        plan: ClassifierPlan,
        encoder: Encoder,
        options: Options,
        report: Report,
    ) -> None:
        if len(split.writers) < LEAST_WRITERS:
            raise DatasetError(
                f"{split.name}: a comparison needs {LEAST_WRITERS} writers with enough images; "
                f"there are {len(split.writers)}"
            )
        self.split, self.work, self.plan = split, work, plan
        self.encoder, self.options, self.report = encoder, options, report
        self.sizes = stage_sizes(len(split.writers))
        self.half = len(split.writers) // 2

    def run(self) -> Comparison:
        shutil.rmtree(self.work / "index", ignore_errors=True)
        steps: list[_Step] = []
        strangers: Strangers | None = None
        with SignatureIndex.create(self.work / "index", self.encoder) as index:
            for before, size in zip([0, *self.sizes], self.sizes, strict=False):
                spent = [step.added.enrol for step in steps]
                steps.append(self._step(index, before, size, spent))
                if size == self.half:
                    strangers = self._strangers(index, steps[-1])
            assert strangers is not None
            self.report("pairs")
            pairs = verify_pairs(index.judge, index, self._others())
        return Comparison(
            data=self.split.summary(),
            encoder=self.encoder.card.id,
            encoder_bytes=_bytes_of(self.encoder),
            encoder_trained_on=tuple(
                f"{entry.get('name', '?')}, writers {entry.get('writers', '?')}"
                for entry in self.encoder.card.training_data
            ),
            stages=tuple(step.stage for step in steps),
            added=steps[-1].added,
            strangers=strangers,
            pairs=pairs,
            machine=f"{_processor()}, {os.cpu_count()} cores",
        )

    def _step(self, index: SignatureIndex, before: int, size: int, spent: list[Cost]) -> _Step:
        """Let the writers from `before` to `size` join the index, and train on all up to `size`."""
        self.report(f"{size} writers")
        part = self.split.only(self.split.writers[:size])
        newcomers = self.split.only(self.split.writers[before:size])
        cost, done = enrol(index, newcomers.train)
        for refusal in done.refused:
            self.report(f"refused: {refusal.reason}")
        questions = self._questions(part, whole=size == self.sizes[-1])
        folder = self.work / f"classifier-{size}"
        classifier, learnt, named = train_stage(part, folder, self.plan, questions, self.report)
        total = sum_of([*spent, cost])
        enrolled, found = index_stage(index, total, questions, self.options.fpir)
        late = np.array([q.writer in set(newcomers.writers) for q in questions])
        added = Added(
            writer_count=len(newcomers.writers),
            retrain=learnt.train,
            enrol=cost,
            questions=int(late.sum()),
            classifier_right=int((late & named).sum()),
            index_right=int((late & found).sum()),
        )
        return _Step(Stage(learnt, enrolled), added, classifier, part, questions)

    def _others(self) -> Split:
        return self.split.only(self.split.writers[self.half :])

    def _questions(self, part: Split, whole: bool) -> list[Question]:
        limit = len(part.test) if whole else self.options.questions
        questions = questions_of(thinned(part.test, limit))
        if not questions:
            raise ImageError(f"{part.name}: no test image can be read")
        return questions

    def _strangers(self, index: SignatureIndex, step: _Step) -> Strangers:
        return ask_about_strangers(
            step.classifier,
            index,
            step.stage.index,
            step.questions,
            questions_of(step.part.validation),
            questions_of(thinned(self._others().test, self.options.questions)),
            self.options.fpir,
        )


def _bytes_of(encoder: Encoder) -> int:
    network = encoder.folder / NETWORK
    return network.stat().st_size if network.exists() else 0


def _processor() -> str:
    """Its name, where Linux tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = (line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine())


def stage_sizes(writers: int) -> list[int]:
    """Numbers of writers, growing; the step before the last is the newcomers'."""
    newcomers = min(NEWCOMERS, max(1, writers // 4))
    return sorted({max(2, writers // 4), writers // 2, writers - newcomers, writers})
