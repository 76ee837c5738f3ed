"""Writers put together from two."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")

from sigsearch.training.encoder.batches import Batch, BatchSampler
from sigsearch.training.encoder.composed import put_together
from sigsearch.training.packed import PackedImages
from tests.training.encoder.test_batches import IMAGES, SHARES

BARS = 8  # to a signature, of a height that tells whose they are


def drawn(height: int, width: int = 64) -> np.ndarray:
    image = np.zeros((16, width), np.uint8)
    image[8 - height : 8 + height, 4 : width - 4 : (width - 8) // BARS] = 1
    return image


def heights(image: np.ndarray) -> list[int]:
    tall = image.sum(0)
    return [int(t) // 2 for t in tall if t]


def batch_of(ends: list[int]) -> Batch:
    many = len(ends)
    genuine = np.arange(many) % 2 == 0
    return Batch(np.arange(many), np.zeros(many, int), genuine, np.arange(many), np.array(ends))


@pytest.mark.parametrize("seed", range(8))
def test_one_writers_beginning_stands_beside_anothers_end(seed: int):
    images = np.stack([drawn(2)] * 4)
    ends = np.stack([drawn(5)] * 4)
    joined = put_together(images, ends, batch_of([0, 1, 2, 3]), np.random.default_rng(seed))
    for image in joined:
        found = heights(image)
        assert set(found) == {2, 5}
        assert found in (sorted(found), sorted(found, reverse=True))  # two pieces, no more
        assert abs(len(found) - BARS) <= 1
        inked = np.flatnonzero(image.any(0))
        assert abs(int(inked[0]) - (63 - int(inked[-1]))) <= 1  # in the middle
    # All images of a writer are cut alike.
    assert len({heights(image)[0] for image in joined}) == 1
    assert max(len(heights(i)) for i in joined) - min(len(heights(i)) for i in joined) <= 1


def test_what_stands_alone_stays_and_so_do_the_images_given():
    images = np.stack([drawn(2), drawn(3)])
    before = images.copy()
    joined = put_together(images, np.stack([drawn(6)]), batch_of([-1, 0]), np.random.default_rng(1))
    assert np.array_equal(joined[0], before[0])
    assert not np.array_equal(joined[1], before[1])
    assert np.array_equal(images, before)


def test_an_empty_image_joins_as_nothing():
    joined = put_together(
        np.zeros((1, 16, 64), np.uint8), drawn(4)[None], batch_of([0]), np.random.default_rng(1)
    )
    assert 0 < len(heights(joined[0])) < BARS


@pytest.mark.parametrize("seed", range(5))
def test_genuine_is_joined_to_genuine_and_imitation_to_imitation(seed: int):
    batch = BatchSampler(IMAGES, SHARES, 6, 3, 2, composed=1.0).draw(np.random.default_rng(seed))
    joined = batch.ends >= 0
    assert joined.any()
    for slot in np.unique(batch.slot[joined]):
        inside = batch.slot == slot
        assert joined[inside].all()
        own, others = batch.ends[inside & batch.genuine], batch.ends[inside & ~batch.genuine]
        assert len(set(own.tolist())) == len(own)
        (partner,) = set(IMAGES.identity[own].tolist())
        assert IMAGES.genuine[own].all()
        if _forged(IMAGES, partner):
            assert not IMAGES.genuine[others].any()
            assert set(IMAGES.identity[others].tolist()) == {partner}
        # Whoever imitates two writers at once has written nothing else.
        numbers = batch.identity[inside & ~batch.genuine]
        assert all((batch.identity == number).sum() == 1 for number in numbers)


def _forged(images: PackedImages, identity: int) -> bool:
    return bool((~images.genuine[images.identity == identity]).any())


def test_unless_asked_for_everybody_stands_alone():
    batch = BatchSampler(IMAGES, SHARES, 6, 3, 2).draw(np.random.default_rng(1))
    assert (batch.ends == -1).all()
