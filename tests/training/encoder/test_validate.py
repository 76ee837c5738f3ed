"""By what a checkpoint is chosen."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from sigsearch.matching.local import DEFAULT_PAIR  # noqa: E402
from sigsearch.training.encoder.matcher import LocalMatcher  # noqa: E402
from sigsearch.training.encoder.network import NetworkShape, Reading, SignatureNetwork  # noqa: E402
from sigsearch.training.encoder.synthetic import pack_synthetic  # noqa: E402
from sigsearch.training.encoder.validate import (  # noqa: E402
    Claim,
    Figures,
    best_global_weight,
    fit_comparison,
    measure,
    random_eer,
)
from sigsearch.training.packed import PackedImages  # noqa: E402

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


def test_where_nobody_imitates_random_forgeries_alone_are_measured(images: PackedImages):
    """As in a customer's archive of genuine signatures."""
    kept = images.genuine
    columns = {f.name: getattr(images, f.name) for f in fields(images) if f.name != "names"}
    alone = PackedImages(**{n: of[kept] for n, of in columns.items()}, names=images.names)
    torch.manual_seed(0)
    network, matcher = SignatureNetwork(SMALL), LocalMatcher(GRID, (1, 2))
    figures = measure(network, matcher, alone)
    (by,) = figures.eer.values()
    assert set(by) == {"random 1"}
    assert figures.summary == by["random 1"]
    matcher.common.fill_(0.2)
    assert fit_comparison(network, matcher, alone) == DEFAULT_PAIR
    assert float(matcher.common) == pytest.approx(0.2)


def test_the_weight_of_the_cosine_is_the_one_that_errs_least():
    """Three references and three imitations, which one of the readings parts, or both do."""
    apart = np.hstack([np.ones((3, 3)), np.zeros((3, 3))])
    blind = np.tile([0.0, 1.0], (3, 3))
    by_cosine, by_both = Claim("a", apart, blind), Claim("a", apart, apart)
    assert best_global_weight([by_cosine], [0.0, 0.5, 2.0]) == 2.0
    assert best_global_weight([by_both], [0.0, 2.0, 4.0, 8.0]) == DEFAULT_PAIR[0]


def test_the_share_of_the_mean_tokens_is_the_one_that_errs_least(images: PackedImages):
    torch.manual_seed(0)
    network, matcher = SignatureNetwork(SMALL), LocalMatcher(GRID, (1, 2))
    fit_comparison(network, matcher, images)
    chosen = float(matcher.common)
    errors = {}
    for share in (0.0, 0.1, 0.2, 0.3):
        matcher.common.fill_(share)
        errors[share] = measure(network, matcher, images).summary
    assert errors[min(errors, key=lambda share: abs(share - chosen))] == min(errors.values())
