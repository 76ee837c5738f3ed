"""The variants of `ablate_encoder.py` that a `Plan` alone cannot say: other images, other
imitations, another comparison, a teacher."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from sigsearch.imaging import CANVAS_SHAPE
from sigsearch.training.encoder.batches import Batch
from sigsearch.training.encoder.losses import choose_pairs, compare_pairs, pair_loss
from sigsearch.training.encoder.matcher import LocalMatcher
from sigsearch.training.encoder.network import NetworkShape
from sigsearch.training.encoder.trainer import SiameseModel, Trainer
from sigsearch.training.encoder.warm_start import warm_start
from sigsearch.training.packed import PackedImages
from sigsearch.training.precision import mixed_precision

Images = TypeVar("Images", bound=PackedImages)
BEND_KNOTS = (4, 8)
BEND = (10.5, 13.5)  # canvas pixels: well beyond what genuine signatures are bent by


def seen_as(kind: type[Images], images: PackedImages) -> Images:
    """The same images, unpacked as `kind` does."""
    return kind(**{f.name: getattr(images, f.name) for f in fields(PackedImages)})


class GreyImages(PackedImages):
    """`bits` holds grey canvases, a byte a pixel, as `pack_grey.py` writes them."""

    def unpack(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:  # type: ignore[override]
        return self.bits[rows].reshape(-1, *CANVAS_SHAPE).astype(np.float32) / 255


class BentTrainer(Trainer):
    """Real and invented imitations give way to genuine signatures bent hard."""

    def _draw(self, rng: np.random.Generator, generator: torch.Generator) -> tuple[Tensor, Batch]:
        batch = self.sampler.draw(rng)
        own = np.flatnonzero(batch.genuine)
        victims = np.concatenate(
            [
                rng.choice(own[batch.slot[own] == slot], self.plan.imitations)
                for slot in np.unique(batch.slot[own])
            ]
        )
        rows = np.concatenate([batch.rows[own], batch.rows[victims]])
        slot = np.concatenate([batch.slot[own], batch.slot[victims]])
        genuine = np.arange(len(rows)) < len(own)
        strange = int(batch.identity.max()) + 1 + np.arange(len(victims))
        identity = np.concatenate([batch.identity[own], strange])
        packed = torch.from_numpy(self.train.unpack(rows))
        packed[len(own) :] = bent(packed[len(own) :], generator)
        images = self._captured(packed, slot, generator)
        alone = np.full(len(rows), -1)
        return images, Batch(rows, slot, genuine, identity, alone)


def bent(packed: Tensor, generator: torch.Generator) -> Tensor:
    """Each of (n, height, width) by a smooth field of its own."""
    n, height, width = packed.shape
    knots = torch.randn(n, 2, *BEND_KNOTS, generator=generator)
    field = F.interpolate(knots, (height, width), mode="bicubic", align_corners=True)
    strength = torch.tensor([BEND[0] / CANVAS_SHAPE[1], BEND[1] / CANVAS_SHAPE[0]])
    identity = torch.eye(2, 3).expand(n, 2, 3)
    grid = F.affine_grid(identity, [n, 1, height, width], align_corners=False)
    grid = grid + (field * strength[:, None, None]).permute(0, 2, 3, 1)
    moved = F.grid_sample(packed[:, None].float(), grid, align_corners=False)
    return (moved[:, 0] > 0.5).to(packed.dtype)


class MatchingHead(LocalMatcher):
    """What late interaction took the place of: each token attends to its neighbours in the other
    image, and a small network weighs what remains different, given what is compared. Evidence is
    pooled by a soft minimum, so that the worst places count most."""

    def __init__(
        self, grid: tuple[int, int], reach: tuple[int, int], channels: int, hidden: int = 32
    ) -> None:
        super().__init__(grid, reach)
        self.sharpness = nn.Parameter(torch.tensor(10.0))
        self.difference = nn.Linear(channels, hidden)
        self.context = nn.Linear(channels, hidden, bias=False)
        self.weighing = nn.Linear(hidden, 1)
        self.severity = nn.Parameter(torch.tensor(0.5))
        nn.init.zeros_(self.weighing.weight)
        nn.init.constant_(self.weighing.bias, -5.0)
        nn.init.zeros_(self.context.weight)

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
        logits = (likeness * self.sharpness).masked_fill(self.far < 0, -1e4) - bare * 20.0
        attention = logits.softmax(dim=2)
        matched = torch.bmm(attention, b)
        alike = (attention * likeness).sum(2)
        remains = self.difference((a - matched).abs()) + self.context(a)
        rest = self.weighing(F.relu(remains)).squeeze(2)
        evidence = self.scale * alike + rest
        severity = F.softplus(self.severity)
        pooled = torch.logsumexp(a_weights.clamp(min=1e-9).log() - severity * evidence, dim=1)
        return -pooled / severity


class HeadModel(SiameseModel):
    def __init__(self, shape: NetworkShape, *grid_and_reach: tuple[int, int]) -> None:
        super().__init__(shape, *grid_and_reach)
        plain = self.matcher
        self.matcher = MatchingHead(plain.grid, plain.reach, shape.token_channels)


class HeadTrainer(Trainer):
    """The local reading is compared by a small network."""

    kind = HeadModel


class DistilledTrainer(Trainer):
    """The student's local logits are also drawn to those of a trained teacher, and its cosines to
    the teacher's."""

    def teach(self, weights: Path, shape: NetworkShape) -> DistilledTrainer:
        self.teacher = SiameseModel(shape).eval()
        warm_start(self.teacher, weights)
        self.teacher.to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        return self

    def _losses(self, images: Tensor, batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
        self.model.train()
        images = images.to(self.device, memory_format=torch.channels_last)
        slot, genuine, identity = (
            torch.from_numpy(column).to(self.device)
            for column in (batch.slot, batch.genuine, batch.identity)
        )
        with mixed_precision(self.device):
            reading = self.model.network(images)
            with torch.no_grad():
                taught = self.teacher.network(images)
        pairs = choose_pairs(self.teacher.matcher, taught, slot, genuine, identity)
        logits = compare_pairs(self.model.matcher, reading, pairs)
        with torch.no_grad():
            wanted = compare_pairs(self.teacher.matcher, taught, pairs).sigmoid()
            cosines = taught.vectors @ taught.vectors.T
        soft = F.binary_cross_entropy_with_logits(logits, wanted, reduction="none")
        copied = (soft * pairs.weight).sum() / pairs.weight.sum()
        likeness = (reading.vectors @ reading.vectors.T - cosines).square().mean()
        gathered = self.loss(reading.vectors, identity) + 20 * likeness
        parted = (pair_loss(logits, pairs) + copied) / 2
        return gathered, parted, self.model.sets(logits, pairs, slot, genuine)
