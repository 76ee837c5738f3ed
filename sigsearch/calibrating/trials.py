"""Labelled signatures -> what is tried against each writer, as raw pair scores."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sigsearch.datasets import Dataset
from sigsearch.encoder import Embeddings
from sigsearch.evaluation.trials import (
    Draw,
    Plan,
    Rows,
    WriterRows,
    draw_references,
    random_claims,
    writer_rows,
)
from sigsearch.matching.calibration import REFERENCE_NUMBERS
from sigsearch.matching.fusion_fitting import Claims
from sigsearch.matching.local import LocalMatcher
from sigsearch.matching.similarity import likenesses, plainness

Floats = NDArray[np.float64]
DRAWS = Plan(references=REFERENCE_NUMBERS, draws=5, others=12)


@dataclass(frozen=True, slots=True)
class Trial:
    """One draw of references of one writer, and likenesses with all of them, (.., R, channels): of
    the writer's other signatures, of skilled forgeries, of other writers' signatures, and (R, R,
    channels) of the references among themselves. The first r of them are the references when r are
    asked for. genuine_plain and random_plain (n,): how plain these signatures are.

    questioned: numbers of the writer's other signatures, by which another draw knows them again;
    forgeries and others are the same in all draws.
    """

    dataset: str
    hand: str
    writer: str
    questioned: Rows
    genuine: Floats
    skilled: Floats
    random: Floats
    own: Floats
    genuine_plain: Floats
    random_plain: Floats

    def has(self, against: str) -> bool:
        return len(self.skilled if against == "skilled" else self.random) > 0

    def claims(self, against: str, references: int, writer: int, weight: float) -> Claims:
        """The claims against the first `references` references; `against` is skilled or random."""
        others = self.skilled if against == "skilled" else self.random
        handicapped = against == "random"
        return Claims(
            mated=self.genuine[:, :references],
            non_mated=others[:, :references],
            own=self.own[:references, :references],
            writer=writer,
            weight=weight,
            mated_plain=self.genuine_plain if handicapped else None,
            non_mated_plain=self.random_plain if handicapped else None,
        )


def try_writers(
    dataset: Dataset,
    readings: Embeddings,
    matcher: LocalMatcher,
    plan: Plan = DRAWS,
    claimed: Container[str] | None = None,
) -> Iterator[Trial]:
    """The trials of every writer with two genuine signatures or more, or of those in `claimed`, and
    then the others ask as strangers only; `readings` are those of `dataset.samples`. Signatures by
    others who merely know the name are not skilled forgeries."""
    writers = writer_rows(dataset)
    draws = [
        [draw_references(who, plan, dataset.name, n) for n in range(plan.draws)] for who in writers
    ]
    asked = [who.genuine[some[0].questioned] for who, some in zip(writers, draws, strict=True)]
    others = random_claims(writers, asked, plan, dataset.name)
    plain = plainness(readings, matcher).astype(np.float64)
    for who, some, (strangers, _) in zip(writers, draws, others, strict=True):
        if not some[0].counts or (claimed is not None and who.writer not in claimed):
            continue
        forged = who.skilled if dataset.forgeries(who.writer) else who.skilled[:0]
        rows = np.concatenate([who.genuine, forged, strangers])
        scores = likenesses(readings[rows], readings[who.genuine], matcher).astype(np.float64)
        for draw in some:
            yield _trial(dataset.name, who, len(forged), scores, plain[rows], draw)


def _trial(
    dataset: str, who: WriterRows, forged: int, scores: Floats, plain: Floats, draw: Draw
) -> Trial:
    """`scores` has rows for the genuine, the `forged` and strangers, columns for the genuine;
    `plain` has the same rows."""
    first, second = len(who.genuine), len(who.genuine) + forged
    against = scores[:, draw.references]
    return Trial(
        dataset=dataset,
        hand=who.hand,
        writer=who.writer,
        questioned=draw.questioned,
        genuine=against[draw.questioned],
        skilled=against[first:second],
        random=against[second:],
        own=against[draw.references],
        genuine_plain=plain[draw.questioned],
        random_plain=plain[second:],
    )


def able(trials: Sequence[Trial], against: str, references: int) -> list[Trial]:
    """The trials with that many references and both sides present."""
    return [t for t in trials if len(t.own) >= references and len(t.genuine) and t.has(against)]


def pairs_of(trials: Sequence[Trial], against: str) -> tuple[int, int]:
    """How many pairs of a questioned signature and a writer the trials hold, mated and non-mated.

    A stranger's signature is another pair with each writer it is laid before; with other
    references of the same writer it is the same pair again.
    """
    own: dict[tuple[str, str], set[int]] = defaultdict(set)
    others: dict[tuple[str, str], int] = {}
    for trial in trials:
        who = (trial.dataset, trial.writer)
        own[who].update(trial.questioned.tolist())
        others[who] = len(trial.skilled if against == "skilled" else trial.random)
    return sum(map(len, own.values())), sum(others.values())


def claims_of(trials: Sequence[Trial], against: str, references: int) -> list[Claims]:
    """The claims of all trials that are `able`. Every dataset counts the same, and within it every
    hand."""
    used = able(trials, against, references)
    draws = Counter((t.dataset, t.hand) for t in used)
    hands = Counter(dataset for dataset, _ in draws)
    number = {hand: n for n, hand in enumerate(sorted(draws))}
    claims = []
    for trial in used:
        who = (trial.dataset, trial.hand)
        weight = 1 / draws[who] / hands[trial.dataset]
        claims.append(trial.claims(against, references, number[who], weight))
    return claims
