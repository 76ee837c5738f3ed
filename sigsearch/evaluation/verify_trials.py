"""Score the trials of one dataset and role: genuine, skilled and random forgeries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sigsearch.arrays import AnyArray, Ids, Singles
from sigsearch.datasets import Dataset
from sigsearch.evaluation.score_table import KINDS, Labels, ScoreTable
from sigsearch.trials.drawing import (
    Draw,
    Plan,
    WriterRows,
    draw_references,
    random_claims,
    writer_rows,
)
from sigsearch.trials.parallel import spread
from sigsearch.trials.scorer import Features, Scorer, take


@dataclass(frozen=True, slots=True)
class Part:
    """A dataset's writers of one role, with the features of `dataset.samples` for each scorer."""

    dataset: Dataset
    role: str
    features: Sequence[Features]


@dataclass(frozen=True, slots=True)
class _Block:
    """Rows of one writer, draw and number of references: `kinds` and `rows` of the questioned."""

    who: WriterRows
    draw: int
    references: int
    kinds: NDArray[np.int32]
    rows: Ids
    scores: Sequence[Singles]


def compare_part(part: Part, scorers: Sequence[Scorer], plan: Plan) -> ScoreTable:
    """All comparisons of a dataset's writers with each scorer."""
    writers = writer_rows(part.dataset)
    own = spread(lambda who: _within(part, scorers, who), writers)
    blocks = list(_own_blocks(part, scorers, plan, writers, own))
    blocks += _random_blocks(part, scorers, plan, writers, own)
    return _table(part, scorers, blocks)


def _within(part: Part, scorers: Sequence[Scorer], who: WriterRows) -> list[Singles]:
    """Each scorer's similarities of a writer's genuine and skilled rows with the genuine ones."""
    rows = np.concatenate([who.genuine, who.skilled])
    return [
        scorer.compare(take(features, rows), take(features, who.genuine))
        for scorer, features in zip(scorers, part.features, strict=True)
    ]


def _own_blocks(
    part: Part,
    scorers: Sequence[Scorer],
    plan: Plan,
    writers: Sequence[WriterRows],
    own: Sequence[Sequence[Singles]],
) -> Iterator[_Block]:
    for who, similarities in zip(writers, own, strict=True):
        skilled = np.arange(len(who.skilled)) + len(who.genuine)
        for draw in range(plan.draws):
            drawn = draw_references(who, plan, part.dataset.name, draw)
            questioned = np.concatenate([drawn.questioned, skilled])
            if not len(questioned):
                continue
            kinds = np.repeat([0, 1], [len(drawn.questioned), len(skilled)]).astype(np.int32)
            rows = np.concatenate([who.genuine[drawn.questioned], who.skilled])
            for count in drawn.counts:
                scores = [
                    _fused(scorer, m[questioned], m, drawn, count)
                    for scorer, m in zip(scorers, similarities, strict=True)
                ]
                yield _Block(who, draw, count, kinds, rows, scores)


def _fused(scorer: Scorer, questioned: Singles, own: Singles, drawn: Draw, count: int) -> Singles:
    """Fuse similarities to a writer's genuine signatures for the first `count` references."""
    chosen = drawn.references[:count]
    return scorer.fuse(questioned[:, chosen], own[np.ix_(chosen, chosen)])


def _random_blocks(
    part: Part,
    scorers: Sequence[Scorer],
    plan: Plan,
    writers: Sequence[WriterRows],
    own: Sequence[Sequence[Singles]],
) -> Iterator[_Block]:
    """The first draw alone: random forgeries are many, and hardly differ between draws."""
    drawn = [draw_references(who, plan, part.dataset.name, 0) for who in writers]
    questioned = [who.genuine[d.questioned] for who, d in zip(writers, drawn, strict=True)]
    claims = random_claims(writers, questioned, plan, part.dataset.name)

    def compared(number: int) -> list[Singles]:
        enrolled = writers[number].genuine[drawn[number].references]
        return [
            scorer.compare(take(features, claims[number][0]), take(features, enrolled))
            for scorer, features in zip(scorers, part.features, strict=True)
        ]

    able = [n for n, (rows, _) in enumerate(claims) if len(rows) and drawn[n].counts]
    for number, against in zip(able, spread(compared, able), strict=True):
        who, draw, similarities = writers[number], drawn[number], own[number]
        rows = claims[number][0]
        kinds = np.full(len(rows), 2, np.int32)
        for count in draw.counts:
            chosen = draw.references[:count]
            scores = [
                scorer.fuse(to[:, :count], m[np.ix_(chosen, chosen)])
                for scorer, to, m in zip(scorers, against, similarities, strict=True)
            ]
            yield _Block(who, 0, count, kinds, rows, scores)


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
        references=per_block([block.references for block in blocks]),
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
