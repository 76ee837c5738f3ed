"""Which signatures are compared with which references: drawn once, the same for every scorer."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from sigsearch.arrays import Ids
from sigsearch.datasets import Dataset, Sample


@dataclass(frozen=True, slots=True)
class TrialPlan:
    """How much is compared.

    references: how many of a writer's genuine signatures are enrolled, each in turn;
    draws: how often they are drawn anew; others: with how many other writers each questioned
    genuine signature is compared (random forgeries); probes: how many genuine signatures of a
    writer, and how many forgeries, are searched for; candidates: how many writers a scorer that
    screens looks at closely.
    """

    references: tuple[int, ...] = (1, 3, 5, 8)
    draws: int = 10
    others: int = 10
    probes: int = 8
    candidates: int = 10
    seed: int = 0


@dataclass(frozen=True, slots=True)
class WriterRows:
    """The rows, within a dataset's samples, that play a part for one writer."""

    writer: str
    hand: str
    text: str
    genuine: Ids
    skilled: Ids  # forgeries or, for sets without, the same text by other hands


def writer_rows(dataset: Dataset, impostors: bool = True) -> list[WriterRows]:
    """One entry a writer who has genuine signatures; `impostors`: where nobody imitated a writer,
    those who wrote the same text as themselves stand for skilled forgeries."""
    row = {(sample.path, sample.entry): n for n, sample in enumerate(dataset.samples)}

    def rows(samples: Iterable[Sample]) -> Ids:
        return np.array([row[s.path, s.entry] for s in samples], dtype=np.int64)

    found = []
    for writer in dataset.writers:
        genuine = dataset.genuine(writer)
        if genuine:
            skilled = dataset.forgeries(writer)
            if impostors and not skilled:
                skilled = dataset.impostors(writer)
            first = genuine[0]
            found.append(WriterRows(writer, first.hand, first.text, rows(genuine), rows(skilled)))
    return found


@dataclass(frozen=True, slots=True)
class Draw:
    """One writer's genuine signatures, as positions in `WriterRows.genuine`.

    The first R of `references` are enrolled when R are asked for, so that the questioned
    signatures are the same however many references there are.
    """

    references: Ids
    questioned: Ids
    counts: tuple[int, ...]


def draw_references(who: WriterRows, plan: TrialPlan, dataset: str, draw: int) -> Draw:
    """Draw references; of two genuine signatures or more, one at least is left to be questioned."""
    number = len(who.genuine)
    most = max(number - 1, 1)
    counts = tuple(count for count in plan.references if count <= most)
    order = generator(plan.seed, draw, dataset, who.writer).permutation(number).astype(np.int64)
    enrolled = max(counts, default=0)
    return Draw(order[:enrolled], order[enrolled:], counts)


def generator(seed: int, draw: int, *names: str) -> np.random.Generator:
    """Random numbers that depend on these alone, not on what else is evaluated."""
    return np.random.default_rng([seed, draw, *(zlib.crc32(name.encode()) for name in names)])


def random_claims(
    writers: Sequence[WriterRows], questioned: Sequence[Ids], plan: TrialPlan, dataset: str
) -> list[tuple[Ids, Ids]]:
    """Random forgeries: for each writer, the (rows, writer numbers) of others that claim to be him.

    questioned[w]: the genuine rows of writer w that are questioned. Others are writers of another
    hand who wrote another text; each questioned row meets `plan.others` of them at most.
    """
    claims: list[list[tuple[int, int]]] = [[] for _ in writers]
    for number, (who, rows) in enumerate(zip(writers, questioned, strict=True)):
        others = np.array(
            [
                n
                for n, other in enumerate(writers)
                if other.hand != who.hand and not (who.text and other.text == who.text)
            ],
            dtype=np.int64,
        )
        random = generator(plan.seed, 0, dataset, who.writer, "claims")
        for row in rows:
            for claimed in random.permutation(others)[: plan.others]:
                claims[claimed].append((int(row), number))
    return [
        (np.array([r for r, _ in some], np.int64), np.array([n for _, n in some], np.int64))
        for some in claims
    ]


@dataclass(frozen=True, slots=True)
class DrawnWriter:
    """One writer's draws of references, and the rows of other writers' signatures that claim to be
    the writer's (random forgeries)."""

    who: WriterRows
    draws: tuple[Draw, ...]
    strangers: Ids


def draw_trials(dataset: Dataset, plan: TrialPlan, impostors: bool = True) -> list[DrawnWriter]:
    """All that is compared within a dataset; strangers' signatures are those that the first draws
    of their writers leave to be questioned."""
    writers = writer_rows(dataset, impostors)
    draws = [
        tuple(draw_references(who, plan, dataset.name, n) for n in range(plan.draws))
        for who in writers
    ]
    asked = [who.genuine[some[0].questioned] for who, some in zip(writers, draws, strict=True)]
    claims = random_claims(writers, asked, plan, dataset.name)
    return [
        DrawnWriter(who, some, strangers)
        for who, some, (strangers, _) in zip(writers, draws, claims, strict=True)
    ]
