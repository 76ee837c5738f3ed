"""Raw pair scores of what was drawn: one trial a draw of one writer's references."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from sigsearch.arrays import Ids, Singles
from sigsearch.trials.drawing import Draw, DrawnWriter

Compare = Callable[[Ids, Ids], Singles]
"""Similarities (n, m) of some rows of a dataset's samples with others."""
Forgery = Literal["skilled", "random"]


@dataclass(frozen=True, slots=True)
class Trial:
    """One draw of references of one writer, and pair scores with all of them, (.., R): of the
    writer's other signatures, of skilled forgeries, of other writers' signatures, and (R, R) of the
    references among themselves. The first r of them are the references when r are asked for.
    genuine_plain and random_plain (n,): how plain these signatures are, where that is known.

    questioned: numbers of the writer's other signatures, by which another draw knows them again;
    forgeries and others are the same in all draws.
    """

    dataset: str
    hand: str
    writer: str
    questioned: Ids
    genuine: Singles
    skilled: Singles
    random: Singles
    own: Singles
    genuine_plain: Singles | None = None
    random_plain: Singles | None = None

    def against(self, forgery: Forgery) -> Singles:
        return self.skilled if forgery == "skilled" else self.random

    def has(self, forgery: Forgery) -> bool:
        return len(self.against(forgery)) > 0


def trials_of(
    dataset: str,
    drawn: DrawnWriter,
    compare: Compare,
    plain: Singles | None = None,
    every_draw: bool = False,
) -> list[Trial]:
    """One trial a draw. Strangers' signatures meet the first draw alone, since they are many and
    hardly differ between draws, or with `every_draw` all; plain (samples,): how plain each is."""
    who, first = drawn.who, drawn.draws[0]
    rows = np.concatenate([who.genuine, who.skilled])
    if every_draw:
        all_scores = compare(np.concatenate([rows, drawn.strangers]), who.genuine)
        within, beyond = np.split(all_scores, [len(rows)])
        strangers = [beyond[:, draw.references] for draw in drawn.draws]
    else:
        within = compare(rows, who.genuine)
        nobody = within[:0, first.references]
        asked = len(drawn.strangers) and len(first.references)
        met = compare(drawn.strangers, who.genuine[first.references]) if asked else nobody
        strangers = [met, *(nobody for _ in drawn.draws[1:])]
    return [
        _trial(dataset, drawn, draw, within[:, draw.references], others, plain)
        for draw, others in zip(drawn.draws, strangers, strict=True)
    ]


def _trial(
    dataset: str,
    drawn: DrawnWriter,
    draw: Draw,
    within: Singles,
    strangers: Singles,
    plain: Singles | None,
) -> Trial:
    """`within` has rows for the genuine and then for the skilled ones."""
    who = drawn.who
    return Trial(
        dataset=dataset,
        hand=who.hand,
        writer=who.writer,
        questioned=draw.questioned,
        genuine=within[draw.questioned],
        skilled=within[len(who.genuine) :],
        random=strangers,
        own=within[draw.references],
        genuine_plain=None if plain is None else plain[who.genuine[draw.questioned]],
        random_plain=None if plain is None else plain[drawn.strangers],
    )
