"""By what a checkpoint is chosen."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from sigsearch.training.matcher import LocalMatcher  # noqa: E402
from sigsearch.training.networks import NetworkShape, Reading, SignatureNetwork  # noqa: E402
from sigsearch.training.packed import PackedImages  # noqa: E402
from sigsearch.training.synthetic import pack_synthetic  # noqa: E402
from sigsearch.training.validate import Figures, measure, random_eer  # noqa: E402

SMALL = NetworkShape((4, 8, 8, 8), (1, 1, 1, 1), dimensions=16, token_channels=8)
GRID = (9, 21)


@pytest.fixture(scope="module")
def images() -> PackedImages:
    return pack_synthetic(4, 3, 2, 5, 1)


def reading_by(hands: np.ndarray) -> Reading:
    """Every token of an image is that of its hand."""
    tokens = torch.eye(8)[torch.from_numpy(hands)][:, None].repeat(1, GRID[0] * GRID[1], 1)
    return Reading(tokens[:, 0], tokens, torch.full(tokens.shape[:2], 1 / tokens.shape[1]))


def test_random_forgeries_are_those_by_other_hands(images: PackedImages):
    _, hands = np.unique(images.hand, return_inverse=True)
    matcher = LocalMatcher(GRID, (1, 2)).eval()
    with torch.inference_mode():
        apart = random_eer(matcher, reading_by(hands % 8), images)
        alike = random_eer(matcher, reading_by(np.zeros_like(hands)), images)
    assert list(apart.values()) == [0.0]
    assert list(alike.values()) == [0.5]


def test_both_kinds_of_forgeries_choose_a_checkpoint(images: PackedImages):
    torch.manual_seed(0)
    figures = measure(SignatureNetwork(SMALL), LocalMatcher(GRID, (1, 2)), images)
    (by,) = figures.eer.values()
    assert set(by) == {"global 1", "local 1", "random 1"}
    assert figures.worth == pytest.approx(by["local 1"] + by["random 1"])
    better = Figures({"a": {"local 1": 0.10, "random 1": 0.02}})
    worse = Figures({"a": {"local 1": 0.09, "random 1": 0.06}})
    assert better.worth < worse.worth
    assert better.summary > worse.summary
