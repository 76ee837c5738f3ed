"""The variants of `ablate_encoder.py` that a `Plan` alone cannot say: other images, other
imitations, another comparison, a teacher."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from sigsearch.imaging import CANVAS_SHAPE
from sigsearch.training.augment import augment
from sigsearch.training.batches import Batch
from sigsearch.training.losses import choose_pairs, compare_pairs, pair_loss
from sigsearch.training.matcher import LocalMatcher
from sigsearch.training.networks import NetworkShape
from sigsearch.training.packed import OVERSAMPLING, PACKED_SHAPE, PackedImages
from sigsearch.training.precision import mixed_precision
from sigsearch.training.siamese import SiameseModel, Trainer
from sigsearch.training.warm_start import warm_start

Images = TypeVar("Images", bound=PackedImages)
BEND_KNOTS = (4, 8)
BEND = (7.0, 9.0)  # canvas pixels: well beyond what genuine signatures are bent by


def seen_as(kind: type[Images], images: PackedImages) -> Images:
    """The same images, unpacked as `kind` does."""
    return kind(**{f.name: getattr(images, f.name) for f in fields(PackedImages)})


class GreyImages(PackedImages):
    """`bits` holds grey canvases, a byte a pixel, as `pack_grey.py` writes them."""

    def unpack(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:  # type: ignore[override]
        canvases = self.bits[rows].reshape(-1, *CANVAS_SHAPE).astype(np.float32) / 255
        return canvases.repeat(OVERSAMPLING, 1).repeat(OVERSAMPLING, 2)


def resized(images: PackedImages, canvas: tuple[int, int]) -> PackedImages:
    """The same images, to be seen on a canvas of another size."""
    size = (canvas[0] * OVERSAMPLING, canvas[1] * OVERSAMPLING)

    class Resized(PackedImages):
        def unpack(self, rows: NDArray[np.int64]) -> NDArray[np.uint8]:
            bits = np.unpackbits(self.bits[rows], axis=1).reshape(-1, 1, *PACKED_SHAPE)
            other = F.interpolate(torch.from_numpy(bits).float(), size, mode="area")
            return (other[:, 0] > 0.5).to(torch.uint8).numpy()

    return seen_as(Resized, images)


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
        images = augment(packed, generator, torch.from_numpy(slot), self.plan.groups)
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


class LateInteraction(LocalMatcher):
    """What is left without the matching head: the likeness of each token to its best match nearby,
    averaged over the ink, on a fitted scale (Khattab and Zaharia 2020)."""

    def _one_way(
        self, likeness: Tensor, a: Tensor, a_weights: Tensor, b: Tensor, b_weights: Tensor
    ) -> Tensor:
        bare = (b_weights <= 0)[:, None, :]
        best = likeness.masked_fill(self.far | bare, -1.0).amax(2)
        return self.likeness * (a_weights * best).sum(1) + self.weighing.bias


class LateInteractionTrainer(Trainer):
    """The local reading is compared without the matching head."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        for model in (self.model, self.average.module):
            model.matcher.__class__ = LateInteraction  # type: ignore[union-attr]


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
        pairs = choose_pairs(taught.vectors, slot, genuine, identity)
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
