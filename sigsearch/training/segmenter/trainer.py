"""Training the segmentation: a run of some minutes on two cores."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import numpy as np
import torch
from torch import Tensor
from torch.optim.lr_scheduler import OneCycleLR
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from sigsearch.imaging.segmentation import LIKELY
from sigsearch.training.denormals import denormals_flushed
from sigsearch.training.precision import mixed_precision
from sigsearch.training.segmenter.form_views import Views
from sigsearch.training.segmenter.network import Segmenter, ink_loss

_BATCH = 24
_RATE = 4e-3
_FLAT = 0.15  # of the pages: their ink is made equally dark, as on a fax
_FLAT_TONE = 0.5
_MEMORY = 0.995  # of the running mean of the weights, a step


@dataclass(frozen=True, slots=True)
class Cleaned:
    """lost: share of the signature's ink that is taken away; left: share of all other ink that
    stays; means over pages, 0..1."""

    lost: float
    left: float

    def __str__(self) -> str:
        return f"{self.lost:.1%} of the signature lost, {self.left:.1%} of the rest left"


@denormals_flushed()
def train(
    views: Views, steps: int, seed: int, report: Callable[[int, float, Segmenter], None]
) -> Segmenter:
    """A segmentation after `steps` batches of `views`: the running mean of its weights. `report`
    is called every hundred steps with the step, the mean loss and that network so far."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    network = Segmenter()
    optimiser = torch.optim.AdamW(network.parameters(), lr=_RATE, weight_decay=1e-3)
    rates = OneCycleLR(optimiser, _RATE, total_steps=steps, pct_start=0.1)
    averaging = get_ema_multi_avg_fn(_MEMORY)  # type: ignore[no-untyped-call]
    averaged = AveragedModel(network, multi_avg_fn=averaging, use_buffers=True)
    mean = cast(Segmenter, averaged.module)
    losses = []
    for step in range(1, steps + 1):
        network.train()
        seen, own = _batch(views[rng.integers(len(views), size=_BATCH)])
        with mixed_precision(torch.device("cpu")):
            logits = network(seen.contiguous(memory_format=torch.channels_last))
        loss = ink_loss(logits.float(), seen[:, 0], own)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        rates.step()
        averaged.update_parameters(network)
        losses.append(loss.item())
        if step % 100 == 0 or step == steps:
            report(step, float(np.mean(losses[-100:])), mean.eval())
    return mean.eval()


@torch.inference_mode()
def measure(network: Segmenter, views: Views) -> Cleaned:
    """How cleanly `network` parts the ink of `views`, place by place."""
    lost, left = [], []
    for part in np.array_split(views, max(len(views) // _BATCH, 1)):
        ink = torch.from_numpy(part).float() / 255
        stays = network(ink[:, :2]).sigmoid() >= LIKELY / 255
        own, rest = ink[:, 2], ink[:, 0] - ink[:, 2]
        lost.append(_share(own, ~stays))
        left.append(_share(rest, stays))
    return Cleaned(float(torch.cat(lost).nanmean()), float(torch.cat(left).nanmean()))


def _batch(views: Views) -> tuple[Tensor, Tensor]:
    ink = torch.from_numpy(views).float() / 255
    flat = torch.rand(len(ink)) < _FLAT
    ink[flat, 1] = (ink[flat, 0] > 0).float() * _FLAT_TONE
    return ink[:, :2], ink[:, 2]


def _share(ink: Tensor, where: Tensor) -> Tensor:
    """(n,): how much of each page's `ink` lies there; not a number where there is hardly any."""
    total = ink.sum((1, 2))
    return torch.where(total > 1, (ink * where).sum((1, 2)) / total, torch.nan)
