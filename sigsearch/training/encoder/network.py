"""The Siamese encoder: one network for both images, with two readings of one feature map."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

STRIDE = 16


def canvas_of(grid: tuple[int, int]) -> tuple[int, int]:
    """Height and width of the canvas whose tokens are a grid of so many rows and columns."""
    return grid[0] * STRIDE, grid[1] * STRIDE


@dataclass(frozen=True, slots=True)
class NetworkShape:
    """What has to be known to build the network again.

    widths: channels at strides 2, 4, 8 and 16; blocks: residual blocks at each of them, of which
    the first may be 0.
    """

    widths: tuple[int, int, int, int] = (32, 64, 128, 128)
    blocks: tuple[int, int, int, int] = (0, 1, 2, 2)
    dimensions: int = 256
    token_channels: int = 20

    def to_dict(self) -> dict[str, object]:
        return asdict(self)

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> NetworkShape:
        """The counterpart of `to_dict`, lists (from JSON) allowed for tuples."""
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in content.items()
        }
        return cls(**values)


class Reading(NamedTuple):
    """vectors (n, dimensions), unit length; tokens (n, T, channels), unit length each;
    weights (n, T), each token's share of the ink, summing to 1."""

    vectors: Tensor
    tokens: Tensor
    weights: Tensor


class ResidualBlock(nn.Module):
    """Two 3 x 3 convolutions around a shortcut; the first may halve the resolution."""

    def __init__(self, channels_in: int, channels: int, stride: int = 1) -> None:
        super().__init__()
        self.first = _convolution(channels_in, channels, 3, stride)
        self.second = _convolution(channels, channels, 3, 1)
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1 or channels_in != channels:
            pool = nn.AvgPool2d(stride) if stride > 1 else nn.Identity()
            self.shortcut = nn.Sequential(pool, _convolution(channels_in, channels, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.shortcut(x) + self.second(F.relu(self.first(x))))


class SignatureNetwork(nn.Module):
    """Canvases (n, 1, height, width) in 0..1, 1 = ink -> Reading.

    The local reading sees the map at stride 8 beside that at stride 16, since what betrays an
    imitation is fine detail.
    """

    def __init__(self, shape: NetworkShape | None = None) -> None:
        super().__init__()
        self.shape = shape or NetworkShape()
        half, quarter, eighth, sixteenth = self.shape.widths
        counts = self.shape.blocks
        self.stem = nn.Sequential(_convolution(1, half, 5, 2), nn.ReLU())
        self.detail = nn.Sequential(
            _stage(half, half, counts[0], stride=1),
            _stage(half, quarter, counts[1], stride=2),
            _stage(quarter, eighth, counts[2], stride=2),
        )
        self.context = _stage(eighth, sixteenth, counts[3], stride=2)
        self.global_head = nn.Linear(3 * sixteenth, self.shape.dimensions, bias=False)
        self.global_norm = nn.BatchNorm1d(self.shape.dimensions)
        self.detail_head = nn.Conv2d(eighth, sixteenth // 4, 1)
        self.token_head = nn.Conv2d(2 * sixteenth, self.shape.token_channels, 1)

    def forward(self, canvases: Tensor) -> Reading:
        detail = self.detail(self.stem(canvases))
        context = self.context(detail)
        ink = _ink_of_places(canvases.float())
        return Reading(
            vectors=self._global(context, ink),
            tokens=self._tokens(detail, context),
            weights=_ink_share(ink),
        )

    def _global(self, context: Tensor, ink: Tensor) -> Tensor:
        on_ink = (context * (ink > 0).to(context.dtype)).sum((2, 3)) / (ink > 0).sum((2, 3)).clamp(
            min=1
        )
        pooled = torch.cat([context.mean((2, 3)), on_ink, context.amax((2, 3))], dim=1)
        return F.normalize(self.global_norm(self.global_head(pooled)).float(), dim=1)

    def _tokens(self, detail: Tensor, context: Tensor) -> Tensor:
        fine = F.pixel_unshuffle(self.detail_head(detail), 2)
        tokens = self.token_head(torch.cat([context, fine], dim=1))
        return F.normalize(tokens.flatten(2).transpose(1, 2).float(), dim=2)


def _convolution(channels_in: int, channels: int, kernel: int, stride: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(channels_in, channels, kernel, stride, kernel // 2, bias=False),
        nn.BatchNorm2d(channels),
    )


def _stage(channels_in: int, channels: int, blocks: int, stride: int) -> nn.Sequential:
    made = [ResidualBlock(channels_in, channels, stride)] if blocks else []
    return nn.Sequential(*made, *(ResidualBlock(channels, channels) for _ in range(blocks - 1)))


def _ink_of_places(canvases: Tensor) -> Tensor:
    """The mean of each STRIDE x STRIDE square: along rows, then columns, which at run time takes a
    twelfth of what pooling over squares this large does."""
    rows, columns = (side // STRIDE for side in canvases.shape[2:])
    along = torch.unflatten(canvases, 3, (columns, STRIDE)).mean(4)
    return torch.unflatten(along, 2, (rows, STRIDE)).mean(3)


def _ink_share(ink: Tensor) -> Tensor:
    """Ink counts by its square root: a dense corner should not drown a thin flourish."""
    root = ink.flatten(1).clamp(min=0).sqrt()
    return root / root.sum(1, keepdim=True).clamp(min=1e-6)
