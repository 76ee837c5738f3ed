"""How much better the encoder knows the writers it was trained on: pair loss and skilled-forgery
EER with one reference, on training, validation and invented writers.

python scripts/measure_gap.py runs/encoder/best.pt --packed runs/packed

Each as it is and with each writer made into another one (`training/augment.py`), both augmented as
in training. The EER is of the local reading, over the genuine pairs and imitations of the batches.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from sigsearch.evaluation.metrics.rates import eer
from sigsearch.training.augment import GROUPS, augment
from sigsearch.training.batches import Batch, BatchSampler
from sigsearch.training.losses import choose_pairs, compare_pairs, pair_loss
from sigsearch.training.packed import PackedImages
from sigsearch.training.precision import mixed_precision
from sigsearch.training.siamese import SiameseModel, load_model

WRITERS, GENUINE, IMITATIONS = 5, 5, 4  # as many writers as the smallest validation set has
AS_THEY_ARE = tuple(group for group in GROUPS if group != "persona")


@torch.inference_mode()
def compared(model: SiameseModel, canvases: Tensor, batch: Batch) -> tuple[float, Tensor, Tensor]:
    """The pair loss, the logits of genuine pairs, and those of imitations."""
    with mixed_precision(torch.device("cpu")):
        reading = model.network(canvases.to(memory_format=torch.channels_last))
    reading = type(reading)(*(part.float() for part in reading))
    slot, genuine, identity = map(torch.from_numpy, (batch.slot, batch.genuine, batch.identity))
    pairs = choose_pairs(model.matcher, reading, slot, genuine, identity)
    logits = compare_pairs(model.matcher, reading, pairs)
    imitated = (pairs.target == 0) & (slot[pairs.left] == slot[pairs.right])
    return pair_loss(logits, pairs).item(), logits[pairs.target == 1], logits[imitated]


def measure(
    model: SiameseModel, images: PackedImages, source: str, groups: tuple[str, ...], batches: int
) -> tuple[float, float]:
    """Mean pair loss and EER."""
    sampler = BatchSampler(images, {source: 1.0}, WRITERS, GENUINE, IMITATIONS)
    losses, mated, non_mated = [], [], []
    for number in range(batches):
        batch = sampler.draw(np.random.default_rng([1, number]))
        generator = torch.Generator().manual_seed(number)
        packed = torch.from_numpy(images.unpack(batch.rows))
        canvases = augment(packed, generator, torch.from_numpy(batch.slot), groups)
        loss, own, imitated = compared(model, canvases, batch)
        losses.append(loss)
        mated.append(own)
        non_mated.append(imitated)
    error = eer(torch.cat(mated).numpy(), torch.cat(non_mated).numpy())
    return float(np.mean(losses)), error


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--packed", type=Path, default=Path("runs/packed"))
    parser.add_argument("--batches", type=int, default=24)
    given = parser.parse_args()
    model = load_model(given.checkpoint).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    print("| writers | loss | EER % | made others: loss | EER % |\n|---|---|---|---|---|")
    for role in ("train", "validation", "synthetic"):
        images = PackedImages.load(given.packed / f"{role}.npz")
        for source in map(str, images.names):
            found = [
                measure(model, images, source, groups, given.batches)
                for groups in (AS_THEY_ARE, GROUPS)
            ]
            cells = " | ".join(f"{loss:.2f} | {100 * error:.1f}" for loss, error in found)
            print(f"| {role}, {source} | {cells} |", flush=True)


if __name__ == "__main__":
    main()
