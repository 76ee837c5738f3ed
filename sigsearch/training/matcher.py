"""The comparison of two local readings, in torch, for training.

`sigsearch.matching.similarity` computes the same in numpy; a test holds the two together.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class LocalMatcher(nn.Module):
    """Each token looks for its like within `reach` (rows, columns) of its own place in the other
    image, and a small network weighs what remains different, given what is compared: a plain stroke
    that fits says less than an intricate one. Evidence is pooled by a soft minimum, because an
    imitation is betrayed by its worst places."""

    def __init__(
        self,
        grid: tuple[int, int],
        channels: int,
        reach: tuple[int, int] = (1, 2),
        hidden: int = 32,
    ) -> None:
        super().__init__()
        self.grid, self.reach = grid, reach
        self.sharpness = nn.Parameter(torch.tensor(10.0))
        self.likeness = nn.Parameter(torch.tensor(8.0))
        self.difference = nn.Linear(channels, hidden)
        self.context = nn.Linear(channels, hidden, bias=False)
        self.weighing = nn.Linear(hidden, 1)
        self.severity = nn.Parameter(torch.tensor(0.5))
        self.register_buffer("far", ~neighbourhood(grid, reach), persistent=False)
        nn.init.zeros_(self.weighing.weight)
        nn.init.constant_(self.weighing.bias, -5.0)
        nn.init.zeros_(self.context.weight)

    far: Tensor

    def forward(self, a: Tensor, a_weights: Tensor, b: Tensor, b_weights: Tensor) -> Tensor:
        """Tokens (n, T, c) and weights (n, T) of both images of n pairs -> logits (n,)."""
        likeness = torch.bmm(a, b.transpose(1, 2))
        one = self._one_way(likeness, a, a_weights, b, b_weights)
        other = self._one_way(likeness.transpose(1, 2), b, b_weights, a, a_weights)
        return (one + other) / 2

    def _one_way(
        self, likeness: Tensor, a: Tensor, a_weights: Tensor, b: Tensor, b_weights: Tensor
    ) -> Tensor:
        bare = (b_weights <= 0)[:, None, :]
        logits = (likeness * self.sharpness).masked_fill(self.far, -1e4) - bare * 20.0
        attention = logits.softmax(dim=2)
        matched = torch.bmm(attention, b)
        alike = (attention * likeness).sum(2)
        remains = self.difference((a - matched).abs()) + self.context(a)
        rest = self.weighing(F.relu(remains)).squeeze(2)
        evidence = self.likeness * alike + rest
        severity = F.softplus(self.severity)
        pooled = torch.logsumexp(a_weights.clamp(min=1e-9).log() - severity * evidence, dim=1)
        return -pooled / severity


def neighbourhood(grid: tuple[int, int], reach: tuple[int, int]) -> Tensor:
    """Boolean (T, T): whether token j lies within `reach` of token i; tokens in reading order."""
    rows, columns = torch.meshgrid(torch.arange(grid[0]), torch.arange(grid[1]), indexing="ij")
    row, column = rows.flatten(), columns.flatten()
    return ((row[:, None] - row).abs() <= reach[0]) & ((column[:, None] - column).abs() <= reach[1])
