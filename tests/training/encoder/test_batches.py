"""Batches: who claims to be whom, and who it is."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")

from sigsearch.training.encoder.batches import Batch, BatchSampler
from sigsearch.training.encoder.synthetic import SOURCE
from sigsearch.training.packed import PackedImages, join


def packed(
    name: str, writers: int, genuine: int, forged: int, texts: int | None = None
) -> PackedImages:
    """`texts`: so many names shared among the writers; None: each writer has one of their own."""
    each = genuine + forged
    identity = np.repeat(np.arange(writers, dtype=np.int32), each)
    return PackedImages(
        bits=np.zeros((len(identity), 1), np.uint8),
        identity=identity,
        hand=identity,
        text=identity % texts if texts else identity,
        source=np.zeros(len(identity), np.int32),
        genuine=np.tile(np.arange(each) < genuine, writers),
        names=np.array([name]),
    )


IMAGES = join([packed("forged", 6, 5, 3), packed("same-names", 8, 4, 0, texts=2)])
SHARES = {"forged": 0.5, "same-names": 0.5}


@pytest.fixture(params=range(5))
def batch(request: pytest.FixtureRequest) -> Batch:
    return BatchSampler(IMAGES, SHARES, 6, 3, 2).draw(np.random.default_rng(request.param))


def test_each_slot_holds_one_writers_genuine_ones_and_imitations(batch: Batch):
    assert sorted(set(batch.slot.tolist())) == list(range(6))
    for slot in range(6):
        rows = batch.rows[(batch.slot == slot) & batch.genuine]
        assert len(rows) == len(set(rows.tolist())) == 3
        assert len(set(IMAGES.identity[rows].tolist())) == 1
        assert IMAGES.genuine[rows].all()
        others = batch.rows[(batch.slot == slot) & ~batch.genuine]
        assert len(others) == 2
        assert (IMAGES.text[others] == IMAGES.text[rows[0]]).all()
        if str(IMAGES.names[IMAGES.source[rows[0]]]) == "forged":
            assert not IMAGES.genuine[others].any()
        else:
            assert (IMAGES.hand[others] != IMAGES.hand[rows[0]]).all()


def test_identity_is_one_number_a_writer_and_slot(batch: Batch):
    for slot in range(6):
        inside = batch.slot == slot
        assert len(set(batch.identity[inside & batch.genuine].tolist())) == 1
        claimed = batch.identity[inside & batch.genuine][0]
        assert claimed not in batch.identity[inside & ~batch.genuine]
        # Augmentation makes another writer of each slot: no identity reaches into the next.
        assert not set(batch.identity[inside]) & set(batch.identity[~inside])


def test_a_writer_who_imitates_in_another_slot_is_somebody_else_there():
    sampler = BatchSampler(packed("same-names", 4, 4, 0, texts=1), {"same-names": 1.0}, 4, 2, 6)
    for seed in range(10):
        batch = sampler.draw(np.random.default_rng(seed))
        writer = np.repeat(np.arange(4), 4)[batch.rows]
        by_identity: dict[int, set[tuple[int, int]]] = {}
        for identity, who, slot in zip(batch.identity, writer, batch.slot, strict=True):
            by_identity.setdefault(int(identity), set()).add((int(who), int(slot)))
        assert all(len(found) == 1 for found in by_identity.values())
        # Images of one imitator in one slot are by one hand, and count as such.
        assert len(by_identity) == len({pair for found in by_identity.values() for pair in found})


def test_every_skilled_forgery_is_a_number_of_its_own(batch: Batch):
    forged = batch.identity[~IMAGES.genuine[batch.rows]]
    assert len(forged) == len(set(forged.tolist()))


def test_the_sources_come_in_their_shares():
    sampler = BatchSampler(IMAGES, {"forged": 0.25, "same-names": 0.75}, 4, 2, 1)
    rng = np.random.default_rng(1)
    rows = np.concatenate([sampler.draw(rng).rows for _ in range(1000)])
    assert (IMAGES.source[rows] == 0).mean() == pytest.approx(0.25, abs=0.04)


def test_a_source_without_a_share_is_never_drawn():
    sampler = BatchSampler(IMAGES, {"forged": 1.0}, 4, 2, 1)
    batch = sampler.draw(np.random.default_rng(1))
    assert (IMAGES.source[batch.rows] == 0).all()


def test_a_batch_holds_one_real_set_beside_invented_writers():
    images = join([IMAGES, packed(SOURCE, 9, 4, 2)])
    sampler = BatchSampler(images, SHARES | {SOURCE: 1.0}, 6, 2, 1, composed=0.5)
    seen = set()
    for seed in range(30):
        batch = sampler.draw(np.random.default_rng(seed))
        rows = np.concatenate([batch.rows, batch.ends[batch.ends >= 0]])
        seen.add(frozenset(images.names[images.source[rows]]) - {SOURCE})
    assert seen >= {frozenset({"forged"}), frozenset({"same-names"})}
    assert max(map(len, seen)) == 1


def test_a_source_can_be_left_out():
    rest = IMAGES.without(["forged"])
    assert len(rest) == 8 * 4
    assert rest.genuine.all()
    drawn = BatchSampler(rest, SHARES, 4, 3, 2).draw(np.random.default_rng(0))
    assert set(rest.names[rest.source[drawn.rows]]) == {"same-names"}
    assert len(IMAGES.without([])) == len(IMAGES)
    assert set(IMAGES.names[IMAGES.only(["forged"]).source]) == {"forged"}
