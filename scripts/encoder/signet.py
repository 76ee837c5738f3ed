"""The network that users would pick instead: SigNet's shape (Hafemann, Sabourin, Oliveira 2017),
five convolutions on 150 x 220, for `scripts/benchmarks/embed.py` and
`scripts/encoder/train_signet.py`."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F

from sigsearch.training.encoder.network import Reading

SHAPE = (150, 220)
FEATURES = 2048


def layers(normalised: bool = False) -> nn.Sequential:
    """Images (n, 1, 150, 220) -> (n, 2048), as published; `normalised` puts batch normalisation
    behind each layer, as SigNet was trained."""
    parts: list[nn.Module] = []
    for channels_in, channels, kernel, stride, padding, pooled in (
        (1, 96, 11, 4, 0, True),
        (96, 256, 5, 1, 2, True),
        (256, 384, 3, 1, 1, False),
        (384, 384, 3, 1, 1, False),
        (384, 256, 3, 1, 1, True),
    ):
        parts.append(nn.Conv2d(channels_in, channels, kernel, stride, padding, bias=not normalised))
        parts += [nn.BatchNorm2d(channels)] if normalised else []
        parts += [nn.ReLU(), nn.MaxPool2d(3, 2)] if pooled else [nn.ReLU()]
    parts.append(nn.Flatten())
    for wide in (256 * 3 * 5, FEATURES):
        parts.append(nn.Linear(wide, FEATURES, bias=not normalised))
        parts += [nn.BatchNorm1d(FEATURES)] if normalised else []
        parts.append(nn.ReLU())
    return nn.Sequential(*parts[:-1])


class SigNetShaped(nn.Module):
    """Canvases -> a reading with the global vector; its tokens say nothing and weigh alike."""

    def __init__(self, tokens: int) -> None:
        super().__init__()
        self.layers = layers(normalised=True)
        self.tokens = tokens

    def forward(self, canvases: Tensor) -> Reading:
        images = F.interpolate(canvases, SHAPE, mode="bilinear", align_corners=False)
        vectors = F.normalize(self.layers(images).float(), dim=1)
        # Not by `new_zeros`, which would fix the number of images in the export.
        blank = 0 * vectors[:, :1, None].expand(-1, self.tokens, -1)
        return Reading(vectors, blank, blank[:, :, 0] + 1 / self.tokens)
