"""The comparison of two local readings, in torch, for training.

`sigsearch.matching.local` computes the same in numpy; a test holds the two together.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


class LocalMatcher(nn.Module):
    """Late interaction (Khattab and Zaharia 2020): each token looks for its like within `reach`
    (rows, columns) of its own place in the other image, and the likenesses are averaged over the
    ink. Off goes a share of what the two have in common wherever one looks, the likeness of their
    mean tokens: of two plain signatures every piece is like every other. The scale and the bias
    that make a logit are fitted in training; the share on validation writers when the network is
    exported, since writers that it knows by heart would have none taken off. Whatever tells an
    imitation from the writer's own hand has to stand in the tokens themselves."""

    def __init__(self, grid: tuple[int, int], reach: tuple[int, int]) -> None:
        super().__init__()
        self.grid, self.reach = grid, reach
        self.scale = nn.Parameter(torch.tensor(8.0))
        self.bias = nn.Parameter(torch.tensor(-5.0))
        self.register_buffer("common", torch.tensor(0.0))
        far = _NEVER * ~neighbourhood(grid, reach)
        self.register_buffer("far", far, persistent=False)

    far: Tensor
    common: Tensor

    def forward(self, a: Tensor, a_weights: Tensor, b: Tensor, b_weights: Tensor) -> Tensor:
        """Tokens (n, T, c) and weights (n, T) of both images of n pairs -> logits (n,)."""
        there, back = self._closest(a, a_weights, b, b_weights)
        mean = (
            (_likeness(a, b, there) * a_weights).sum(1) + (_likeness(b, a, back) * b_weights).sum(1)
        ) / 2
        common = (mean_token(a, a_weights) * mean_token(b, b_weights)).sum(1)
        return self.scale * (mean - self.common * common) + self.bias

    @torch.no_grad()
    def _closest(
        self, a: Tensor, a_weights: Tensor, b: Tensor, b_weights: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Which token of b is most like each of a, and of a like each of b: (n, T) each, NOWHERE
        where there is no ink within reach. No gradient passes here: it passes the likeness of the
        closest alone, so that a step need not keep all pairs of tokens."""
        columns = zip(*(torch.split(x, _CHUNK) for x in (a, a_weights, b, b_weights)), strict=True)
        parts = [self._closest_of(*chunk) for chunk in columns]
        there, back = (torch.cat(column) for column in zip(*parts, strict=True))
        return there, back

    def _closest_of(
        self, a: Tensor, a_weights: Tensor, b: Tensor, b_weights: Tensor
    ) -> tuple[Tensor, Tensor]:
        bare_a, bare_b = (_NEVER * (weights <= 0) for weights in (a_weights, b_weights))
        likeness = torch.baddbmm(self.far, a, b.transpose(1, 2))
        likeness += bare_a[:, :, None]
        likeness += bare_b[:, None, :]
        return _best(likeness, 2), _best(likeness, 1)


def _best(likeness: Tensor, dim: int) -> Tensor:
    best = likeness.max(dim)
    return best.indices.masked_fill(best.values < _NEVER / 2, NOWHERE)


def _likeness(tokens: Tensor, others: Tensor, closest: Tensor) -> Tensor:
    """The likeness (n, T) of each token to the one of `others` named by `closest`."""
    place = closest.clamp(min=0)[:, :, None].expand(-1, -1, others.shape[2])
    return (tokens * others.gather(1, place)).sum(2).masked_fill(closest == NOWHERE, BARE)


def mean_token(tokens: Tensor, weights: Tensor) -> Tensor:
    """Tokens (n, T, c), averaged over the ink: (n, c)."""
    return torch.bmm(weights[:, None], tokens)[:, 0]


BARE = -1.0
"""The likeness of ink to no ink: that of a stroke to its opposite."""
NOWHERE = -1
_NEVER = -4.0  # added to the likeness of places that do not count, so that none is the best
_CHUNK = 32  # pairs compared at once: keeps the working set inside the cache


def neighbourhood(grid: tuple[int, int], reach: tuple[int, int]) -> Tensor:
    """Boolean (T, T): whether token j lies within `reach` of token i; tokens in reading order."""
    rows, columns = torch.meshgrid(torch.arange(grid[0]), torch.arange(grid[1]), indexing="ij")
    row, column = rows.flatten(), columns.flatten()
    return ((row[:, None] - row).abs() <= reach[0]) & ((column[:, None] - column).abs() <= reach[1])
