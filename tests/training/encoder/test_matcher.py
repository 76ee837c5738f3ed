"""The quick comparison against its definition, written out over all pairs of tokens."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from torch import Tensor  # noqa: E402

from sigsearch.training.encoder.matcher import BARE, LocalMatcher, mean_token, neighbourhood  # noqa: E402

GRID, REACH, PAIRS = (3, 5), (1, 2), 70


def drawn(seed: int) -> tuple[Tensor, Tensor]:
    """Tokens, and ink shares with bare places; the first image has one token with ink, the second
    none."""
    generator = torch.Generator().manual_seed(seed)
    tokens = torch.randn(PAIRS, 15, 6, generator=generator)
    shares = torch.rand(PAIRS, 15, generator=generator) - 0.5
    shares[0, 1:] = shares[1] = 0
    shares[0, 0] = 1
    return torch.nn.functional.normalize(tokens, dim=2), shares.clamp(min=0)


def by_definition(
    matcher: LocalMatcher, a: Tensor, a_weights: Tensor, b: Tensor, b_weights: Tensor
) -> Tensor:
    allowed = neighbourhood(GRID, REACH)
    likeness = torch.where(allowed, a @ b.transpose(1, 2), BARE)
    there = torch.where((b_weights > 0)[:, None, :], likeness, BARE).amax(2)
    back = torch.where((a_weights > 0)[:, :, None], likeness, BARE).amax(1)
    mean = ((there * a_weights).sum(1) + (back * b_weights).sum(1)) / 2
    common = (mean_token(a, a_weights) * mean_token(b, b_weights)).sum(1)
    return matcher.scale * (mean - matcher.common * common) + matcher.bias


def test_scores_and_gradients_are_those_of_the_definition():
    matcher = LocalMatcher(GRID, REACH)
    matcher.common.fill_(0.2)
    (a, a_weights), (b, b_weights) = drawn(1), drawn(2)
    b_weights = b_weights.flip(0)
    found = []
    for compare in (matcher, lambda *images: by_definition(matcher, *images)):
        left, right = a.clone().requires_grad_(), b.clone().requires_grad_()
        scores = compare(left, a_weights, right, b_weights)
        scores.square().sum().backward()
        found.append((scores.detach(), left.grad, right.grad))
    for ours, theirs in zip(*found, strict=True):
        torch.testing.assert_close(ours, theirs)


def test_ink_that_meets_none_counts_as_unlike():
    matcher = LocalMatcher(GRID, REACH)
    (tokens, _), shares = drawn(1), torch.zeros(PAIRS, 15)
    left, right = shares.clone(), shares.clone()
    left[:, 0] = right[:, 14] = 1  # opposite corners
    scores = matcher(tokens, left, tokens, right)
    torch.testing.assert_close(scores, (matcher.scale * BARE + matcher.bias).expand(PAIRS))
