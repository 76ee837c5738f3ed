"""Augmentation: images stay themselves, writers become other writers only where slots are given."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch import Tensor  # noqa: E402

from sigsearch.imaging import CANVAS_SHAPE  # noqa: E402
from sigsearch.training.encoder import augment as augmenting  # noqa: E402
from sigsearch.training.encoder.augment import GROUPS, augment, shrink  # noqa: E402
from sigsearch.training.packed import PACKED_SHAPE  # noqa: E402

HEIGHT, WIDTH = CANVAS_SHAPE
UNCUT = tuple(group for group in GROUPS if group not in ("cut", "tilt"))  # these move to the middle


def generator(seed: int = 1) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def corner(count: int) -> Tensor:
    """Packed images with ink in the upper left quarter only."""
    packed = torch.zeros(count, *PACKED_SHAPE, dtype=torch.uint8)
    packed[:, PACKED_SHAPE[0] // 5 : PACKED_SHAPE[0] // 3, 60:150] = 1
    return packed


def middles(images: Tensor) -> tuple[Tensor, Tensor]:
    """The row and the column that have half of the ink before them, 0..1: a printed rule, of less
    ink than the corner's, does not move them away from it."""
    ink = images[:, 0] / images[:, 0].sum((1, 2), keepdim=True)
    return tuple((ink.sum(axis).cumsum(1) < 0.5).float().mean(1) for axis in (2, 1))


def whole_grid(count: int) -> Tensor:
    theta = torch.eye(2, 3).expand(count, 2, 3)
    return torch.nn.functional.affine_grid(theta, [count, 1, *CANVAS_SHAPE], align_corners=False)


def test_canvases_come_out_and_each_image_gets_its_own_change():
    images = augment(corner(6), generator())
    assert images.shape == (6, 1, HEIGHT, WIDTH)
    assert images.dtype == torch.float32
    assert 0 <= images.min() <= images.max() <= 1
    apart = (images[1:] - images[:-1]).abs().flatten(1).sum(1)
    assert (apart > 5).all()


def test_the_same_seed_gives_the_same_images():
    slot = torch.tensor([0, 0, 1, 1])
    first, again = (augment(corner(4), generator(7), slot) for _ in range(2))
    assert torch.equal(first, again)
    assert not torch.equal(first, augment(corner(4), generator(8), slot))


def test_the_images_that_came_in_are_left_alone():
    packed = corner(8)
    before = packed.clone()
    augment(packed, generator())
    assert torch.equal(packed, before)
    assert torch.equal(shrink(packed).flatten(1).amax(1), torch.ones(8))


def test_without_slots_writers_stay_who_they_are():
    """Nobody is mirrored: the ink stays in its quarter, whatever the draw."""
    rows, columns = middles(augment(corner(160), generator(), groups=UNCUT).round())
    assert rows.max() < 0.5
    assert columns.max() < 0.5


def test_with_slots_some_writers_are_mirrored():
    rows, columns = middles(augment(corner(160), generator(), torch.arange(160), UNCUT).round())
    assert 0.1 < (columns > 0.5).float().mean() < 0.45
    assert 0.1 < (rows > 0.5).float().mean() < 0.45


def test_a_persona_is_one_map_for_its_slot_and_another_for_the_next():
    slot = torch.tensor([0, 1, 0, 2, 1])
    found = augmenting._persona(whole_grid(5), slot, WIDTH / HEIGHT, generator())
    assert torch.allclose(found[0], found[2], atol=1e-6)
    assert torch.allclose(found[1], found[4], atol=1e-6)
    for a, b in ((0, 1), (0, 3), (1, 3)):
        assert (found[a] - found[b]).abs().mean() > 0.02


def test_a_persona_follows_the_point_not_the_image():
    """Images of a slot that are shifted by their own warp are bent by the same map."""
    grid = whole_grid(2)
    step = 8
    grid[1, :, :-step] = grid[0, :, step:]
    found = augmenting._persona(grid, torch.tensor([0, 0]), WIDTH / HEIGHT, generator())
    assert torch.allclose(found[1, :, :-step], found[0, :, step:], atol=1e-5)


def test_slots_add_a_persona_and_nothing_else(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(augmenting, "_persona", lambda grid, *_rest: grid)
    packed, slot = corner(5), torch.tensor([0, 0, 1, 1, 1])
    assert torch.equal(augment(packed, generator(), slot), augment(packed, generator()))


def test_a_cut_image_loses_its_edges_and_fills_the_canvas_again(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(augmenting, "_CUT", 1.0)
    packed = torch.zeros(30, *PACKED_SHAPE, dtype=torch.uint8)
    packed[:, 60:140, 10:430] = 1  # two blocks with a gap, so that being moved shows
    packed[:, :, 200:220] = 0
    cut = augment(packed, generator(), groups=["cut"])[:, 0]
    columns = (cut.amax(1) > 0.5).int()
    first, last = columns.argmax(1), WIDTH - 1 - columns.flip(1).argmax(1)
    assert (last - first > 0.97 * WIDTH).float().mean() > 0.5
    gaps = ((columns[:, 40:-40] == 0).sum(1)).unique()
    assert len(gaps) > 3  # enlarged, each by its own amount
    plain = augment(torch.zeros(3, *PACKED_SHAPE, dtype=torch.uint8), generator(), groups=["cut"])
    assert not plain.any()


def test_thin_strokes_are_kept_when_thinned():
    packed = torch.zeros(40, *PACKED_SHAPE, dtype=torch.uint8)
    packed[:, 90:92, 100:300] = 1
    ink = augmenting._vary_strokes(packed, generator()).flatten(1).sum(1).numpy()
    plain = packed.flatten(1).sum(1).numpy()
    assert (ink >= 0.5 * plain - 1e-3).all()
    assert len(np.unique(ink.round())) >= 3


def test_a_gentler_posture_sways_images_less():
    def sway(posture: float) -> float:
        columns = middles(augment(corner(24), generator(3), None, ("warp",), posture=posture))[1]
        return float(columns.std())

    assert sway(0.0) < 1e-3
    assert sway(0.0) < sway(0.5) < sway(1.0)


def test_a_page_laid_askew_turns_the_ink_and_keeps_all_of_it():
    height, width = PACKED_SHAPE
    packed = torch.zeros(400, height, width, dtype=torch.uint8)
    packed[:, height // 2 - 3 : height // 2 + 3, 20 : width - 20] = 1  # a stroke right across
    images = augment(packed, generator(), groups=("tilt",))[:, 0]
    rows = torch.arange(HEIGHT, dtype=torch.float32)
    middle = (images * rows[:, None]).sum(1) / images.sum(1).clamp(min=1e-6)  # of each column
    columns = images.amax(1) > 0.5
    slope = torch.stack(
        [
            (row[there][-9:].mean() - row[there][:9].mean()) / there.sum()
            for row, there in zip(middle, columns, strict=True)
        ]
    )
    tilted = slope.abs() > 0.01
    assert 0.08 < tilted.float().mean() < 0.22
    assert slope.abs().max() < np.tan(np.radians(augmenting._MOST_TILT)) + 0.02
    assert (slope > 0.1).any()
    assert (slope < -0.1).any()
    ends = images[tilted][:, :, [0, -1]].amax((1, 2))
    assert (ends < 0.5).all()  # none of it has left the canvas
