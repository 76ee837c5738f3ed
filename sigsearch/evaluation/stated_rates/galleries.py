"""Galleries of real or invented writers: who is enrolled, who asks, and what they are answered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from sigsearch.datasets import Dataset

STRANGERS, MATES = 200, 100
"""Signatures that ask in one gallery at most."""
EACH = 10  # of one writer
SHARE = 2 / 3  # of the hands are enrolled
SMALL = 10
"""Writers of a small gallery: those that measure a population of their own begin here."""


@dataclass(frozen=True, slots=True)
class Gallery:
    """Rows of the references and their writers' names, and rows of the signatures that ask: of
    strangers, and of enrolled writers with their names."""

    references: Sequence[int]
    names: Sequence[str]
    strangers: Sequence[int]
    mates: Sequence[tuple[int, str]]

    @property
    def writers(self) -> int:
        return len(set(self.names))


def galleries_of(
    used: Dataset, references: int, draws: int, writers: int | None = None
) -> list[Gallery]:
    """`draws` galleries of a dataset's writers, SHARE of its hands or as many as `writers`; those
    that nobody can be enrolled in, or that nobody can ask, are left out."""
    drawn = (_gallery(used, references, writers, seed) for seed in range(draws))
    return [one for one in drawn if one.writers > 1 and one.strangers and one.mates]


def _gallery(used: Dataset, number: int, writers: int | None, seed: int) -> Gallery:
    """The hands are drawn anew for each seed; all others are strangers."""
    random = np.random.default_rng(seed)
    row = {s.id: n for n, s in enumerate(used.samples)}
    hands = random.permutation(sorted({s.hand for s in used.samples if s.genuine}))
    inside = set(hands[: writers or round(SHARE * len(hands))].tolist())
    references, names, strangers, mates = [], [], [], []
    for writer in used.writers:
        genuine = used.genuine(writer)
        rows = random.permutation([row[s.id] for s in genuine]).tolist()
        if not genuine or genuine[0].hand not in inside:
            strangers += rows[:EACH]
        elif len(rows) >= number:
            references += rows[:number]
            names += [writer] * number
            mates += [(n, writer) for n in rows[number : number + EACH]]
    some = random.permutation(len(strangers))[:STRANGERS]
    few = random.permutation(len(mates))[:MATES]
    return Gallery(references, names, [strangers[n] for n in some], [mates[n] for n in few])


def invented_galleries(
    size: int, references: int, strangers: int, galleries: int
) -> Iterator[Gallery]:
    """Of readings that begin with the strangers, `strangers` a gallery, and go on with the enrolled
    writers' signatures, `references` + 1 each, one writer after the other: other writers in each
    gallery, asked by other strangers, since some come near many."""
    base, each = strangers * galleries, references + 1
    for gallery in range(galleries):
        place = [base + each * (gallery * size + w) for w in range(size)]
        yield Gallery(
            references=[p + n for p in place for n in range(references)],
            names=[f"w{w}" for w in range(size) for _ in range(references)],
            strangers=range(strangers * gallery, strangers * (gallery + 1)),
            mates=[(place[w] + references, f"w{w}") for w in range(min(size, 3 * MATES))],
        )
