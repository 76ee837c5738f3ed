"""The four metric-learning losses at equal steps: what each gives on the validation writers.

    python scripts/encoder/compare_losses.py DATA -o report/losses --steps 200

Everything but the loss is the same: network (a small one), writers, batches, augmentation, steps,
seed. Prints a table: how often the nearest signature of the global reading is by the same hand,
and the equal error rates against skilled forgeries with one reference.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import torch

from sigsearch.cli.output import say, table
from sigsearch.datasets import Protocol
from sigsearch.training.encoder.augment import shrink
from sigsearch.training.encoder.losses import LOSSES
from sigsearch.training.encoder.network import NetworkShape, SignatureNetwork
from sigsearch.training.encoder.trainer import Plan, Trainer
from sigsearch.training.encoder.validate import measure
from sigsearch.training.packed import PackedImages, pack_datasets

SMALL = NetworkShape(widths=(16, 32, 64, 128), blocks=(1, 1, 1, 1))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", nargs="+", type=Path)
    parser.add_argument("-o", "--out", type=Path, required=True)
    parser.add_argument("--protocol", default="unseen-writers-1")
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--losses", default=",".join(LOSSES))
    asked = parser.parse_args()
    protocol = Protocol.load(asked.protocol)
    train, validation = (packed(asked, protocol, role) for role in ("train", "validation"))
    found = [one_loss(asked, loss, train, validation) for loss in asked.losses.split(",")]
    (asked.out / "losses.json").write_text(json.dumps(found, indent=1), encoding="utf-8")
    heads = list(found[0])
    table(heads, [list(row.values()) for row in found], f"{asked.steps} steps each")


def packed(asked: argparse.Namespace, protocol: Protocol, role: str) -> PackedImages:
    path = asked.out / f"{role}.npz"
    if not path.exists():
        pack_datasets(asked.data, protocol, role, report=say).save(path)
    return PackedImages.load(path)


def one_loss(
    asked: argparse.Namespace, loss: str, train: PackedImages, validation: PackedImages
) -> dict[str, object]:
    plan = Plan(
        steps=asked.steps, writers=8, genuine=4, imitations=2, loss=loss, warmup=asked.steps // 10,
        validate_every=asked.steps, network=SMALL,
    )  # fmt: skip
    trainer = Trainer(plan, train, None, asked.out / loss)
    if (asked.out / loss / "last.pt").exists():
        trainer.resume(asked.out / loss / "last.pt")
    trainer.run(lambda line: say(f"{loss}: {line}"))
    # After so few steps the weights that were just trained are better than their long average.
    network = trainer.model.network
    figures = measure(network, trainer.model.matcher, validation)
    row: dict[str, object] = {
        "loss": loss,
        "nearest is right, %": round(100 * nearest_is_right(network, validation), 1),
    }
    for source, rates in figures.eer.items():
        for reading in ("global 1", "local 1"):
            row[f"{source}, {reading.split()[0]} EER, %"] = round(100 * rates[reading], 1)
    return row


@torch.inference_mode()
def nearest_is_right(network: SignatureNetwork, images: PackedImages) -> float:
    """Leave-one-out among the genuine signatures, by the cosine of the global reading."""
    network.eval()
    rows = np.flatnonzero(images.genuine)
    vectors = np.concatenate(
        [
            network(shrink(torch.from_numpy(images.unpack(part)))).vectors.numpy()
            for part in np.array_split(rows, max(len(rows) // 64, 1))
        ]
    )
    alike = vectors @ vectors.T
    np.fill_diagonal(alike, -2)
    identity = images.identity[rows]
    return float((identity[alike.argmax(axis=1)] == identity).mean())


if __name__ == "__main__":
    main()
