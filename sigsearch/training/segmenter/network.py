"""The network that tells the ink of a signature from the rest of the ink on a page.

A small U-Net (Ronneberger, Fischer and Brox 2015) over the coarse view that
`sigsearch.imaging.segmentation` makes of the ink that was found. Only places with ink count.
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

WIDTHS = (16, 32, 64, 96)


class Segmenter(nn.Module):
    """Views (n, 2, height, width) in 0..1 -> logits (n, height, width) of "the signature's"."""

    def __init__(self, widths: tuple[int, ...] = WIDTHS) -> None:
        super().__init__()
        self.stem = _convolution(2, widths[0], stride=2)
        self.down = nn.ModuleList(
            nn.Sequential(_convolution(above, below, stride=2), _convolution(below, below))
            for above, below in pairwise(widths)
        )
        self.whole = nn.Linear(widths[-1], widths[-1])
        self.up = nn.ModuleList(
            _convolution(above + below, above) for above, below in pairwise(widths)
        )
        self.head = nn.Conv2d(widths[0], 4, 1)

    def forward(self, views: Tensor) -> Tensor:
        maps = [self.stem(views)]
        for stage in self.down:
            maps.append(stage(maps[-1]))
        x = maps.pop()
        # What the page as a whole looks like: is there print at all, how large is the writing?
        x = x + F.relu(self.whole(x.mean((2, 3))))[:, :, None, None]
        for stage in reversed(self.up):
            beside = maps.pop()
            x = stage(torch.cat([beside, F.interpolate(x, scale_factor=2.0)], dim=1))
        return F.pixel_shuffle(self.head(x), 2)[:, 0]


class Deployed(nn.Module):
    """uint8 views (n, 2, height, width) -> uint8 (n, height, width), 255 = the signature's."""

    def __init__(self, segmenter: Segmenter) -> None:
        super().__init__()
        self.segmenter = segmenter

    def forward(self, views: Tensor) -> Tensor:
        share: Tensor = self.segmenter(views.float() / 255.0).sigmoid()
        return (share * 255).round().to(torch.uint8)


def ink_loss(logits: Tensor, share: Tensor, own: Tensor) -> Tensor:
    """Logistic loss an ink pixel: `share` of each place is inked, `own` of it by the signature
    (both (n, height, width), 0..1); each page weighs the same."""
    truth = (own / share.clamp(min=1e-6)).clamp(0, 1)
    each = F.binary_cross_entropy_with_logits(logits, truth, reduction="none") * share
    page: Tensor = each.sum((1, 2)) / share.sum((1, 2)).clamp(min=1e-6)
    return page.mean()


def _convolution(channels_in: int, channels: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(channels_in, channels, 3, stride, 1, bias=False),
        nn.BatchNorm2d(channels),
        nn.ReLU(),
    )
