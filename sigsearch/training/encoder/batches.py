"""Batches of writers x (genuine + imitations), drawn from several sources in stated shares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sigsearch.training.encoder.synthetic import SOURCE as INVENTED
from sigsearch.training.packed import PackedImages

Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Batch:
    """rows: into the packed images; slot: 0..writers-1, who the image claims to be; genuine: bool;
    identity: who wrote it, with a number of its own for every skilled forgery, and another in each
    slot, since augmentation makes another writer of each; ends: rows of the images that are joined
    to these (`composed.py`), -1 where an image stands alone."""

    rows: Rows
    slot: Rows
    genuine: NDArray[np.bool_]
    identity: Rows
    ends: Rows


class BatchSampler:
    """Draws `writers` identities a batch, with up to `genuine` specimens and `imitations` of each.
    Where a source has no forgeries, the same text by other hands imitates. Of the slots, `composed`
    (0..1) are put together with another writer.

    The sources come in proportion to `shares`, but a batch holds writers of a single real set
    beside invented ones: strangers of another set are told by their script, and teach little.
    """

    def __init__(
        self,
        images: PackedImages,
        shares: Mapping[str, float],
        writers: int = 12,
        genuine: int = 5,
        imitations: int = 4,
        composed: float = 0.0,
    ) -> None:
        self._images = images
        self._composed = composed
        self._counts = (writers, genuine, imitations)
        self._genuine = _by(images.identity, images.genuine)
        self._forged = _by(images.identity, ~images.genuine)
        self._by_text = _by(images.text, images.genuine)
        self._pools = _pools(images, self._genuine)
        wanted = {name: shares.get(name, 0.0) for name in self._pools}
        total = sum(wanted.values())
        invented = wanted.pop(INVENTED, 0.0)
        self._invented = invented / total
        self._real = {n: share / (total - invented) for n, share in wanted.items() if share > 0}

    def draw(self, rng: np.random.Generator) -> Batch:
        writers, genuine, imitations = self._counts
        real = self._one_set(rng)
        chosen = self._identities(rng, real, writers)
        rows: list[int] = []
        slot: list[int] = []
        for place, identity in enumerate(chosen):
            own = _some(rng, self._genuine[identity], genuine)
            others = _some(rng, self._imitations(identity), imitations + genuine - len(own))
            rows += [*own, *others]
            slot += [place] * (len(own) + len(others))
        batch = self._label(np.array(rows), np.array(slot), np.array(chosen))
        return self._compose(rng, real, batch)

    def _one_set(self, rng: np.random.Generator) -> str:
        """The real set of a batch; the invented writers where there is no other."""
        if not self._real:
            return INVENTED
        return str(rng.choice(list(self._real), p=list(self._real.values())))

    def _identities(self, rng: np.random.Generator, real: str, count: int) -> list[int]:
        invented = int(rng.binomial(count, self._invented))
        return [
            int(identity)
            for name, many in ((real, count - invented), (INVENTED, invented))
            if many
            for identity in rng.choice(
                self._pools[name], min(many, len(self._pools[name])), replace=False
            )
        ]

    def _compose(self, rng: np.random.Generator, real: str, batch: Batch) -> Batch:
        """Some slots joined to another writer each, genuine to genuine and imitation to imitation,
        where that writer has as many of both."""
        ends = batch.ends.copy()
        for slot in np.flatnonzero(rng.random(int(batch.slot.max()) + 1) < self._composed):
            (partner,) = self._identities(rng, real, 1)
            pieces = {True: self._genuine[partner], False: self._imitations(partner)}
            places = {
                own: np.flatnonzero((batch.slot == slot) & (batch.genuine == own)) for own in pieces
            }
            if all(len(pieces[own]) >= len(places[own]) for own in pieces):
                for own, where in places.items():
                    ends[where] = _some(rng, pieces[own], len(where))
        # An imitation of two is by no hand that wrote anything else.
        apart = int(batch.identity.max()) + 1 + np.arange(len(ends))
        identity = np.where((ends >= 0) & ~batch.genuine, apart, batch.identity)
        return replace(batch, ends=ends, identity=identity)

    def _imitations(self, identity: int) -> Rows:
        forged = self._forged.get(identity)
        if forged is not None:
            return forged
        first = self._genuine[identity][0]
        same_text = self._by_text[int(self._images.text[first])]
        others: Rows = same_text[self._images.hand[same_text] != self._images.hand[first]]
        return others

    def _label(self, rows: Rows, slot: Rows, chosen: Rows) -> Batch:
        truth = self._images.identity[rows].astype(np.int64)
        forged = ~self._images.genuine[rows]
        own = (truth == chosen[slot]) & ~forged
        many = int(self._images.identity.max()) + 1
        apart = many * (slot.max() + 1) + np.arange(len(rows))
        alone = np.full(len(rows), -1)
        return Batch(rows, slot, own, np.where(forged, apart, truth + many * slot), alone)


def _by(key: NDArray[np.int32], mask: NDArray[np.bool_]) -> dict[int, Rows]:
    rows = np.flatnonzero(mask)
    order = rows[np.argsort(key[rows], kind="stable")]
    values, starts = np.unique(key[order], return_index=True)
    parts = np.split(order, starts[1:]) if len(order) else []
    return {int(value): part for value, part in zip(values, parts, strict=True)}


def _pools(images: PackedImages, genuine: Mapping[int, Rows]) -> dict[str, Rows]:
    """Source name -> the identities that have at least two genuine specimens."""
    pools: dict[str, list[int]] = {}
    for identity, rows in genuine.items():
        if len(rows) > 1:
            pools.setdefault(str(images.names[images.source[rows[0]]]), []).append(identity)
    return {name: np.array(identities) for name, identities in pools.items()}


def _some(rng: np.random.Generator, rows: Rows, count: int) -> Rows:
    return rng.choice(rows, min(count, len(rows)), replace=False) if len(rows) else rows
