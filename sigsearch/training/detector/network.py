"""The detector: a small residual network with a pyramid of three levels, that says of each place of
a page, 8 pixels apart, whether the middle of a mark is there, and how far its sides are: those of
a hand's mark and those of a stamp, which may lie upon it, apart.

After "Objects as Points" (Zhou, Wang and Krähenbühl 2019), with the sides of TTFNet (Liu et al.
2020), which learns in a fraction of the steps.
"""

from __future__ import annotations

import math

from torch import Tensor, nn
from torch.nn import functional as F

from sigsearch.training.detector.packed_pages import KINDS

STRIDE = 8
_WIDTHS = (24, 40, 72, 80)
_NECK = 48
GROUPS = 2  # what hands leave, and stamps
_RARE = 0.01  # places that are a middle, at the start
_UNIT = 16.0  # pixels: what a side of 1 means


class Detector(nn.Module):
    """Darkness (n, 1, h, w) in 0..1 -> logits (n, kinds, h / 8, w / 8) of the middles of marks, and
    distances (n, 2, 4, h / 8, w / 8) of their left, upper, right and lower side in pixels, for what
    hands left and for stamps."""

    def __init__(self) -> None:
        super().__init__()
        first, second, third, fourth = _WIDTHS
        self.stem = _convolution(1, first, size=6, stride=4, padding=1)
        self.second = nn.Sequential(_convolution(first, second, stride=2), Residual(second))
        self.third = nn.Sequential(
            _convolution(second, third, stride=2), Residual(third), Residual(third)
        )
        self.fourth = nn.Sequential(
            _convolution(third, fourth, stride=2), Residual(fourth), Residual(fourth, 2)
        )
        self.whole = nn.Linear(fourth, fourth)
        self.beside = nn.ModuleList(nn.Conv2d(width, _NECK, 1) for width in _WIDTHS[1:])
        self.join = nn.ModuleList(_convolution(_NECK, _NECK) for _ in range(2))
        self.middles = nn.Sequential(_convolution(_NECK, _NECK), nn.Conv2d(_NECK, len(KINDS), 1))
        self.sides = nn.Sequential(_convolution(_NECK, _NECK), nn.Conv2d(_NECK, 4 * GROUPS, 1))
        head = self.middles[-1]
        assert isinstance(head, nn.Conv2d)
        assert head.bias is not None
        nn.init.constant_(head.bias, -math.log(1 / _RARE - 1))

    def forward(self, dark: Tensor) -> tuple[Tensor, Tensor]:
        second = self.second(self.stem(dark))
        third = self.third(second)
        fourth = self.fourth(third)
        # What the page as a whole looks like: a letter, a cheque, no document at all?
        fourth = fourth + F.relu(self.whole(fourth.mean((2, 3))))[:, :, None, None]
        x = self.beside[2](fourth)
        for level, below in ((1, third), (0, second)):
            x = F.interpolate(x, scale_factor=2.0) + self.beside[level](below)
            x = self.join[level](x)
        sides = F.softplus(self.sides(x).float()) * _UNIT
        return self.middles(x), sides.reshape(sides.shape[0], GROUPS, 4, *sides.shape[2:])


class Residual(nn.Module):
    def __init__(self, width: int, reach: int = 1) -> None:
        super().__init__()
        self.first = _convolution(width, width)
        self.second = nn.Conv2d(width, width, 3, padding=reach, dilation=reach, bias=False)
        self.normal = nn.BatchNorm2d(width)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x + self.normal(self.second(self.first(x))))


class Deployed(nn.Module):
    """uint8 views (n, h, w) -> `middles` float32 (n, kinds, h / 8, w / 8), 0 where a neighbour is
    likelier, and `sides` float32 (n, 2, 4, h / 8, w / 8)."""

    def __init__(self, detector: Detector) -> None:
        super().__init__()
        self.detector = detector

    def forward(self, views: Tensor) -> tuple[Tensor, Tensor]:
        middles, sides = self.detector(views[:, None].float() / 255.0)
        likely = middles.sigmoid()
        peak = likely >= F.max_pool2d(likely, 3, 1, 1)
        return likely * peak, sides


def _convolution(
    channels_in: int, channels: int, size: int = 3, stride: int = 1, padding: int = 1
) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(channels_in, channels, size, stride, padding, bias=False),
        nn.BatchNorm2d(channels),
        nn.ReLU(),
    )


def parameters_of(network: nn.Module) -> int:
    return sum(p.numel() for p in network.parameters())
