"""The joint loss on cases that can be counted by hand."""

from __future__ import annotations

import math

import pytest

torch = pytest.importorskip("torch")

from torch import Tensor  # noqa: E402

from sigsearch.training.encoder.losses import (  # noqa: E402
    LOSSES,
    GlobalLoss,
    Pairs,
    SetLoss,
    choose_pairs,
)
from sigsearch.training.encoder.matcher import LocalMatcher  # noqa: E402
from sigsearch.training.encoder.network import Reading  # noqa: E402

# Slot 0: three genuine and two imitations; slot 1: two genuine, too few to be references of one
# another, and an imitation; slot 2: one genuine.
SLOT = torch.tensor([0, 0, 0, 0, 0, 1, 1, 1, 2])
GENUINE = torch.tensor([True, True, True, False, False, True, True, False, True])
IDENTITY = torch.tensor([0, 0, 0, 20, 21, 1, 1, 22, 2])


MATCHER = LocalMatcher((1, 1), (0, 0))


def drawn(count: int, seed: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.nn.functional.normalize(torch.randn(count, 4, generator=generator), dim=1)


def read(count: int) -> Reading:
    """Images of a token each, which lies elsewhere than the vector."""
    return Reading(drawn(count, 3), drawn(count, 8)[:, None], torch.ones(count, 1))


@pytest.fixture
def pairs() -> Pairs:
    return choose_pairs(MATCHER, read(9), SLOT, GENUINE, IDENTITY)


def test_pairs_are_all_genuine_ones_all_imitations_and_the_hardest_others(pairs: Pairs):
    found = list(zip(pairs.left.tolist(), pairs.right.tolist(), pairs.target.tolist(), strict=True))
    own = {(a, b) for a, b, target in found if target == 1}
    assert own == {(0, 1), (0, 2), (1, 2), (5, 6)}
    within = {(a, b) for a, b, target in found if target == 0 and SLOT[a] == SLOT[b]}
    assert within == {(a, b) for a in (0, 1, 2) for b in (3, 4)} | {(5, 7), (6, 7)}
    across = {(a, b) for a, b, _ in found if SLOT[a] != SLOT[b]}
    tokens = read(9).tokens[:, 0]
    likeness = (tokens @ tokens.T).masked_fill(SLOT[:, None] == SLOT, -2)
    for anchor in (0, 1, 2, 5, 6, 8):
        hardest = set(likeness[anchor].topk(2).indices.tolist())
        assert {b for a, b in across if a == anchor} == hardest
    assert {a for a, _ in across} == {0, 1, 2, 5, 6, 8}
    assert pairs.weight.sum() == pytest.approx(2.2)
    assert pairs.weight[pairs.target == 1].sum() == pytest.approx(1.0)


def slow_set_loss(
    loss: SetLoss, logits: Tensor, pairs: Pairs, slot: Tensor, genuine: Tensor
) -> float:
    """By the definition, one image at a time."""
    score = {}
    for a, b, value in zip(pairs.left.tolist(), pairs.right.tolist(), logits.tolist(), strict=True):
        score[a, b] = score[b, a] = value
    found: dict[bool, list[float]] = {True: [], False: []}
    for asked in range(len(slot)):
        references = [
            other
            for other in range(len(slot))
            if slot[other] == slot[asked] and genuine[other] and other != asked
        ]
        if len(references) < 2:
            continue
        among = [score[a, b] for a in references for b in references if a < b]
        fused = sum(score[asked, other] for other in references) / len(references)
        fused -= loss.agreement.item() * sum(among) / len(among)
        logit = loss.slope.item() * fused + loss.offset.item()
        is_genuine = bool(genuine[asked])
        found[is_genuine].append(math.log1p(math.exp(-logit if is_genuine else logit)))
    return sum(sum(part) / max(len(part), 1) for part in found.values()) / 2


def test_a_set_is_weighed_by_its_definition(pairs: Pairs):
    loss = SetLoss()
    with torch.no_grad():
        loss.slope.fill_(1.3)
        loss.agreement.fill_(0.7)
        loss.offset.fill_(-0.2)
    logits = torch.randn(len(pairs.left), generator=torch.Generator().manual_seed(4)) * 3
    expected = slow_set_loss(loss, logits, pairs, SLOT, GENUINE)
    assert expected > 0.1
    assert loss(logits, pairs, SLOT, GENUINE).item() == pytest.approx(expected, rel=1e-5)


def test_a_hand_made_set(pairs: Pairs):
    """Genuine pairs score 4, imitations -2: a genuine signature comes to 4 - 4 / 2, an imitation to
    -2 - 4 / 2."""
    logits = torch.where(pairs.target == 1, 4.0, -2.0)
    three, rest = torch.arange(5), SLOT[:5] == SLOT[:5]
    inside = (SLOT[pairs.left] == 0) & (SLOT[pairs.right] == 0)
    only = Pairs(*(column[inside] for column in pairs))
    found = SetLoss()(logits[inside], only, SLOT[three][rest], GENUINE[:5]).item()
    # The three genuine ones have two references each, the two imitations three.
    assert found == pytest.approx((math.log1p(math.exp(-2)) + math.log1p(math.exp(-4))) / 2)


def test_too_few_references_weigh_nothing():
    slot, genuine = torch.tensor([0, 0, 1, 1]), torch.tensor([True, True, True, False])
    pairs = choose_pairs(MATCHER, read(4), slot, genuine, torch.tensor([0, 0, 1, 9]))
    logits = torch.ones(len(pairs.left), requires_grad=True)
    value = SetLoss()(logits, pairs, slot, genuine)
    value.backward()
    assert value.item() == 0
    assert torch.isfinite(logits.grad).all()


@pytest.mark.parametrize("name", LOSSES)
def test_each_loss_is_lower_for_gathered_writers(name: str):
    identity = torch.tensor([0, 0, 0, 1, 1, 1])
    noise = torch.randn(6, 8, generator=torch.Generator().manual_seed(5))
    corners = torch.eye(8)[identity]
    gathered = torch.nn.functional.normalize(corners + 0.05 * noise, dim=1)
    mixed = torch.nn.functional.normalize(corners + 0.6 * noise, dim=1)
    loss = GlobalLoss(name)
    assert loss(gathered, identity) < loss(mixed, identity)


def test_an_unknown_loss_names_the_known_ones():
    with pytest.raises(ValueError, match="triplet"):
        GlobalLoss("hinge")
