"""The cheap look before the segmentation: it learns from the segmentation's own answers whether a
view has anything that would be taken out, and is then put into whole numbers.

A miss costs accuracy on pages with print, a false alarm only time.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim.lr_scheduler import OneCycleLR

from sigsearch.imaging.segmentation import foreign_in, likely_own
from sigsearch.imaging.triage import PATCH, doubt

Views = NDArray[np.uint8]

WIDTHS = (16, 24, 32)
WORTH = 0.003
"""Of the ink: what is worth taking out. On clean scans less than that are the tips of strokes."""
_RATE, _BATCH = 6e-3, 32
_MINOR = 0.3  # of the weight of others: views of which less than that is taken


class Triage(nn.Module):
    """Views (n, 2, height, width) in 0..1 -> logits (n,) of "something would be taken out"."""

    def __init__(self) -> None:
        super().__init__()
        self.patch = nn.Conv2d(2, WIDTHS[0], PATCH, PATCH)
        self.middle, self.last = (
            nn.Conv2d(above, below, 3, 2, 1) for above, below in pairwise(WIDTHS)
        )
        self.norms = nn.ModuleList(nn.BatchNorm2d(width) for width in WIDTHS)
        self.whole = nn.Linear(2 * WIDTHS[-1], 1)

    def forward(self, views: Tensor) -> Tensor:
        maps = self.layers(views)[-1]
        pooled = torch.cat([maps.amax((2, 3)), maps.mean((2, 3))], dim=1)
        logits: Tensor = self.whole(pooled)[:, 0]
        return logits

    def layers(self, views: Tensor) -> list[Tensor]:
        """What each layer gives."""
        found, maps = [], views
        for layer, norm in zip((self.patch, self.middle, self.last), self.norms, strict=True):
            maps = F.relu(norm(layer(maps)))
            found.append(maps)
        return found


def taken_shares(views: Views) -> NDArray[np.float64]:
    """(n,): of the ink of each view, how much the segmentation takes."""
    return np.array([_taken(view) for view in views])


def _taken(view: Views) -> float:
    ink = view[0] > 0
    likely = likely_own(view)
    foreign = None if likely is None else foreign_in(ink, likely)
    return 0.0 if foreign is None else float((foreign & ink).sum() / max(int(ink.sum()), 1))


def train(
    views: Views, taken: NDArray[np.float64], steps: int, seed: int, report: Callable[[str], None]
) -> Triage:
    """A network after `steps` batches of `views`, of whose ink so much was `taken`; `report` is
    called every hundred steps."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    network = Triage()
    optimiser = torch.optim.AdamW(network.parameters(), _RATE, weight_decay=1e-2)
    rates = OneCycleLR(optimiser, _RATE, total_steps=steps)
    truth = (taken > WORTH).astype(np.float32)
    weight = np.where((taken > 0) & (taken <= WORTH), _MINOR, 1).astype(np.float32)
    for step in range(1, steps + 1):
        rows = rng.integers(len(views), size=_BATCH)
        logits = network(torch.from_numpy(_turned(views[rows], rng)).float() / 255)
        each = F.binary_cross_entropy_with_logits(
            logits, torch.from_numpy(truth[rows]), reduction="none"
        )
        loss = (each * torch.from_numpy(weight[rows])).mean()
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        rates.step()
        if step % 100 == 0:
            report(f"{step:5d}  loss {loss.item():.3f}")
    return network.eval()


def _turned(views: Views, rng: np.random.Generator) -> Views:
    """Mirrored and upside down at times: print stays print."""
    if rng.random() < 0.5:
        views = views[..., ::-1]
    if rng.random() < 0.5:
        views = views[..., ::-1, :]
    return np.ascontiguousarray(views)


@torch.inference_mode()
def whole_numbers(network: Triage, views: Views, limit: float) -> dict[str, NDArray[np.float32]]:
    """The weights that `sigsearch.imaging.triage` reads; `views`: from which the range of each
    layer is taken; `limit`: the logit above which the segmentation is asked."""
    found: dict[str, NDArray[np.float32]] = {}
    ranges = [maps.max().item() for maps in network.layers(torch.from_numpy(views).float() / 255)]
    scale_in = 1 / 255
    layers = zip(("patch", "middle", "last"), network.norms, ranges, strict=True)
    for name, norm, most in layers:
        kernel, bias = _folded(getattr(network, name), norm)
        step = kernel.abs().amax((1, 2, 3)) / 127
        # As `triage` lays them out: a square by channel, row, column; what lies around by place.
        order = (1, 2, 3, 0) if name == "patch" else (2, 3, 1, 0)
        whole = (kernel / step[:, None, None, None]).round()
        found[name] = whole.permute(*order).reshape(-1, len(step)).numpy()
        found[f"{name}_bias"] = (bias / (scale_in * step)).round().numpy()
        found[f"{name}_scale"] = (scale_in * step * 255 / most).numpy()
        scale_in = most / 255
    height, width = (side // PATCH // 4 for side in views.shape[2:])
    head = network.whole.weight[0].numpy() * np.float32(scale_in)
    half = len(head) // 2
    found["whole"] = np.concatenate([head[:half], head[half:] / (height * width)])
    found["whole_bias"] = np.asarray(network.whole.bias.item() - limit, np.float32)
    weights = {name: np.asarray(value, np.float32) for name, value in found.items()}
    # Blank paper is rounded alike everywhere, which moves all answers by about the same.
    logits = network(torch.from_numpy(views).float() / 255).numpy() - limit
    moved = np.median([doubt(view, weights) for view in views] - logits)
    weights["whole_bias"] = np.asarray(weights["whole_bias"] - moved, np.float32)
    return weights


def _folded(layer: nn.Conv2d, norm: nn.Module) -> tuple[Tensor, Tensor]:
    """The kernel and the bias of a layer that needs its normalisation no more."""
    assert isinstance(norm, nn.BatchNorm2d)
    assert layer.bias is not None
    assert norm.running_var is not None
    assert norm.running_mean is not None
    gain = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    kernel = layer.weight * gain[:, None, None, None]
    return kernel, (layer.bias - norm.running_mean) * gain + norm.bias
