"""The classifier's network, as plain as they come: Conv, Pool, Dense, softmax over the writers."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn

from sigsearch.imaging import CANVAS_SHAPE


@dataclass(frozen=True, slots=True)
class ClassifierShape:
    """writers: outputs; widths: channels of each Conv-Pool stage, multiples of 32 being quickest;
    hidden: width of the Dense layer before the last."""

    writers: int
    widths: tuple[int, ...] = (32, 64, 128)
    hidden: int = 256
    dropout: float = 0.3

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


class ClassifierNetwork(nn.Module):
    """Canvases (n, 1, height, width) in 0..1, 1 = ink -> logits (n, writers).

    The Dense layer is normalised like the convolutions. Its thousands of inputs are all positive,
    so that one step of the optimiser, the same way along each, moves every sum far: without
    normalisation nearly all of its units fell silent for good within an epoch, and with many
    writers nothing was learnt through those that were left.
    """

    def __init__(self, shape: ClassifierShape) -> None:
        super().__init__()
        self.shape = shape
        stages, channels = [], 1
        for at, width in enumerate(shape.widths):
            stages.append(_stage(channels, width, first=at == 0))
            channels = width
        self.features = nn.Sequential(*stages)
        halvings = len(shape.widths) + 1
        cells = (CANVAS_SHAPE[0] >> halvings) * (CANVAS_SHAPE[1] >> halvings)
        self.head = nn.Sequential(
            nn.Flatten(),
            nn.Dropout(shape.dropout),
            nn.Linear(channels * cells, shape.hidden, bias=False),
            nn.BatchNorm1d(shape.hidden),
            nn.ReLU(),
            nn.Dropout(shape.dropout),
            nn.Linear(shape.hidden, shape.writers),
        )

    def forward(self, canvases: Tensor) -> Tensor:
        logits: Tensor = self.head(self.features(canvases))
        return logits


class Deployed(nn.Module):
    """uint8 canvases (n, 1, height, width) -> probabilities (n, writers)."""

    def __init__(self, network: ClassifierNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, canvases: Tensor) -> Tensor:
        return torch.softmax(self.network(canvases.float() / 255.0), dim=1)


def _stage(channels_in: int, channels: int, first: bool) -> nn.Sequential:
    """The first convolution takes every second pixel: strokes are two to three pixels wide. Pooling
    comes before the rest, which so has a quarter of the values to go through."""
    kernel, stride = (5, 2) if first else (3, 1)
    return nn.Sequential(
        nn.Conv2d(channels_in, channels, kernel, stride, kernel // 2, bias=False),
        nn.MaxPool2d(2),
        nn.BatchNorm2d(channels),
        nn.ReLU(),
    )
