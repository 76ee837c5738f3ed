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
        self.register_buffer("far", ~neighbourhood(grid, reach), persistent=False)

    far: Tensor
    common: Tensor

    def forward(self, a: Tensor, a_weights: Tensor, b: Tensor, b_weights: Tensor) -> Tensor:
        """Tokens (n, T, c) and weights (n, T) of both images of n pairs -> logits (n,)."""
        likeness = torch.bmm(a, b.transpose(1, 2)).masked_fill(self.far, BARE)
        there = likeness.masked_fill((b_weights <= 0)[:, None, :], BARE).amax(2)
        back = likeness.masked_fill((a_weights <= 0)[:, :, None], BARE).amax(1)
        mean = ((there * a_weights).sum(1) + (back * b_weights).sum(1)) / 2
        common = (mean_token(a, a_weights) * mean_token(b, b_weights)).sum(1)
        return self.scale * (mean - self.common * common) + self.bias


def mean_token(tokens: Tensor, weights: Tensor) -> Tensor:
    """Tokens (n, T, c), averaged over the ink: (n, c)."""
    return torch.bmm(weights[:, None], tokens)[:, 0]


BARE = -1.0
"""The likeness of ink to no ink: that of a stroke to its opposite."""


def neighbourhood(grid: tuple[int, int], reach: tuple[int, int]) -> Tensor:
    """Boolean (T, T): whether token j lies within `reach` of token i; tokens in reading order."""
    rows, columns = torch.meshgrid(torch.arange(grid[0]), torch.arange(grid[1]), indexing="ij")
    row, column = rows.flatten(), columns.flatten()
    return ((row[:, None] - row).abs() <= reach[0]) & ((column[:, None] - column).abs() <= reach[1])
