"""Score the trials of one dataset and role: genuine, skilled and random forgeries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sigsearch.arrays import AnyArray, Ids, Singles
from sigsearch.datasets import Dataset
from sigsearch.evaluation.score_table import KINDS, Labels, ScoreTable
from sigsearch.trials.drawing import DrawnWriter, WriterRows
from sigsearch.trials.parallel import spread
from sigsearch.trials.scorer import Features, Scorer, comparing
from sigsearch.trials.trial import Trial, trials_of


@dataclass(frozen=True, slots=True)
class Part:
    """A dataset's writers of one role, with the features of `dataset.samples` for each scorer, and
    what was drawn for them."""

    dataset: Dataset
    role: str
    features: Sequence[Features]
    drawn: Sequence[DrawnWriter]


@dataclass(frozen=True, slots=True)
class _Block:
    """Rows of one writer, draw and number of references: `kinds` and `rows` of the questioned."""

    who: WriterRows
    draw: int
    reference_count: int
    kinds: NDArray[np.int32]
    rows: Ids
    scores: Sequence[Singles]


def compare_part(part: Part, scorers: Sequence[Scorer]) -> ScoreTable:
    """All comparisons of a dataset's writers with each scorer."""

    def tried(drawn: DrawnWriter) -> list[list[Trial]]:
        pairs = zip(scorers, part.features, strict=True)
        return [trials_of(part.dataset.name, drawn, comparing(*pair)) for pair in pairs]

    # For each writer the draws, and of each draw a trial for each scorer.
    by_writer = [
        (drawn, list(zip(*trials, strict=True)))
        for drawn, trials in zip(part.drawn, spread(tried, part.drawn), strict=True)
    ]
    own = [b for drawn, trials in by_writer for b in _own_blocks(scorers, drawn, trials)]
    random = [b for drawn, trials in by_writer for b in _random_blocks(scorers, drawn, trials[0])]
    return _table(part, scorers, [*own, *random])


def _own_blocks(
    scorers: Sequence[Scorer], drawn: DrawnWriter, trials: Sequence[Sequence[Trial]]
) -> Iterator[_Block]:
    who = drawn.who
    for number, (draw, by_scorer) in enumerate(zip(drawn.draws, trials, strict=True)):
        rows = np.concatenate([who.genuine[draw.questioned], who.skilled])
        if len(rows):
            kinds = np.repeat([0, 1], [len(draw.questioned), len(who.skilled)]).astype(np.int32)
            asked = [np.concatenate([trial.genuine, trial.skilled]) for trial in by_scorer]
            for count in draw.counts:
                scores = _fused(scorers, asked, by_scorer, count)
                yield _Block(who, number, count, kinds, rows, scores)


def _random_blocks(
    scorers: Sequence[Scorer], drawn: DrawnWriter, first: Sequence[Trial]
) -> Iterator[_Block]:
    """The first draw alone: random forgeries are many, and hardly differ between draws."""
    if not len(drawn.strangers):
        return
    kinds = np.full(len(drawn.strangers), 2, np.int32)
    for count in drawn.draws[0].counts:
        scores = _fused(scorers, [trial.random for trial in first], first, count)
        yield _Block(drawn.who, 0, count, kinds, drawn.strangers, scores)


def _fused(
    scorers: Sequence[Scorer], asked: Sequence[Singles], trials: Sequence[Trial], count: int
) -> list[Singles]:
    """Each scorer's, for the first `count` references of its trial."""
    return [
        scorer.fuse(scores[:, :count], trial.own[:count, :count])
        for scorer, scores, trial in zip(scorers, asked, trials, strict=True)
    ]


def _table(part: Part, scorers: Sequence[Scorer], blocks: Sequence[_Block]) -> ScoreTable:
    sizes = [len(block.rows) for block in blocks]
    length = sum(sizes)
    samples = part.dataset.samples
    rows = _flat([block.rows for block in blocks], np.int64)
    groups = Labels.of(sample.group for sample in samples)
    scripts = Labels.of(sample.script for sample in samples)

    def per_block(values: Sequence[int]) -> NDArray[np.int32]:
        return np.repeat(np.array(values, np.int32), sizes)

    def named(names: Sequence[str]) -> Labels:
        column = Labels.of(names)
        return Labels(np.repeat(column.codes, sizes), column.names)

    return ScoreTable(
        dataset=Labels.constant(part.dataset.name, length),
        role=Labels.constant(part.role, length),
        draw=per_block([block.draw for block in blocks]),
        references=per_block([block.reference_count for block in blocks]),
        kind=Labels(_flat([block.kinds for block in blocks], np.int32), KINDS),
        writer=named([block.who.writer for block in blocks]),
        hand=named([block.who.hand for block in blocks]),
        questioned=Labels(rows.astype(np.int32), tuple(sample.id for sample in samples)),
        group=groups[rows],
        script=scripts[rows],
        scores={
            scorer.name: _flat([block.scores[n] for block in blocks], np.float64)
            for n, scorer in enumerate(scorers)
        },
    )


def _flat(parts: Sequence[AnyArray], dtype: type) -> AnyArray:
    return np.concatenate([*parts, np.zeros(0, dtype)]).astype(dtype, copy=False)
