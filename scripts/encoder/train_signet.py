"""Train a SigNet-shaped network on the same packed images as the encoder, as a peer.

    python scripts/encoder/train_signet.py --extra runs/packed/synthetic.npz --steps 600 \
        --out runs/signet
    sigsearch evaluate DATA/cedar --peers runs/signet/encoder

The writers, the batches, the augmentation, the loss and the optimiser are the encoder's; only the
network is another, and has no local reading. The same command goes on where it was stopped.
"""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path

import numpy as np
import torch
from signet import FEATURES, SigNetShaped
from train import shares

from sigsearch.encoder.card import ModelCard
from sigsearch.encoder.encoder import NETWORK
from sigsearch.imaging import CANVAS_SHAPE, PREPROCESSING_VERSION
from sigsearch.training.encoder.augment import augment
from sigsearch.training.encoder.batches import BatchSampler
from sigsearch.training.encoder.export import OUTPUTS, Deployed
from sigsearch.training.encoder.losses import GlobalLoss
from sigsearch.training.encoder.trainer import GRID, Plan
from sigsearch.training.onnx_file import write_onnx
from sigsearch.training.packed import PackedImages, join
from sigsearch.training.precision import mixed_precision

KEPT_EVERY = 100


def train(network: SigNetShaped, images: PackedImages, plan: Plan, last: Path) -> None:
    """Up to the plan's last step; `last` is the checkpoint to go on from."""
    sampler = BatchSampler(images, plan.shares, plan.writers, plan.genuine, plan.imitations)
    optimiser = torch.optim.AdamW(network.parameters(), lr=plan.rate, weight_decay=0.02, fused=True)
    loss_of, first = GlobalLoss(plan.loss), 0
    if last.exists():
        state = torch.load(last, weights_only=True)
        network.load_state_dict(state["network"])
        optimiser.load_state_dict(state["optimiser"])
        first = int(state["step"])
    network.to(memory_format=torch.channels_last).train()
    for step in range(first, plan.steps):
        rng = np.random.default_rng([plan.seed, step])
        batch = sampler.draw(rng)
        generator = torch.Generator().manual_seed(int(rng.integers(2**62)))
        packed = torch.from_numpy(images.unpack(batch.rows))
        canvases = augment(packed, generator, torch.from_numpy(batch.slot))
        for group in optimiser.param_groups:
            group["lr"] = plan.rate_at(step)
        with mixed_precision(torch.device("cpu")):
            reading = network(canvases)
        loss = loss_of(reading.vectors, torch.from_numpy(batch.identity))
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 5.0)
        optimiser.step()
        if (step + 1) % 25 == 0:
            print(f"step {step + 1}: {loss.item():.4f}", flush=True)
        if (step + 1) % KEPT_EVERY == 0 or step + 1 == plan.steps:
            state = {"network": network.state_dict(), "optimiser": optimiser.state_dict()}
            torch.save({**state, "step": step + 1}, last)


def export_peer(network: SigNetShaped, folder: Path, steps: int) -> ModelCard:
    """An encoder folder without a matcher: `sigsearch evaluate` compares its vectors alone."""
    folder.mkdir(parents=True, exist_ok=True)
    write_onnx(Deployed(network).eval(), folder / NETWORK, OUTPUTS)
    digest = hashlib.sha256((folder / NETWORK).read_bytes()).hexdigest()
    card = ModelCard(
        id=f"signet-shaped-{digest[:8]}",
        dimensions=FEATURES,
        token_shape=(*GRID, 1),
        canvas_shape=CANVAS_SHAPE,
        preprocessing_version=PREPROCESSING_VERSION,
        files={NETWORK: digest},
        training={"steps": steps, "protocol": "unseen-writers-1"},
    )
    card.save(folder)
    return card


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--packed", type=Path, default=Path("runs/packed"))
    parser.add_argument("--extra", type=Path, action="append", default=[])
    parser.add_argument("--out", type=Path, default=Path("runs/signet"))
    parser.add_argument("--steps", type=int, default=600)
    parser.add_argument("--rate", type=float, default=1e-3)
    given = parser.parse_args()
    parts = [given.packed / "train.npz", *given.extra]
    images = join([PackedImages.load(path) for path in parts])
    given.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(1)
    network = SigNetShaped(GRID[0] * GRID[1])
    plan = Plan(steps=given.steps, rate=given.rate, warmup=50, shares=shares(0.7))
    train(network, images, plan, given.out / "last.pt")
    print(export_peer(network, given.out / "encoder", given.steps).id)


if __name__ == "__main__":
    main()
