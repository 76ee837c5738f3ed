"""Training the detector, in a run that can be stopped and gone on with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from sigsearch.documents.page_view import LOOKS, padded, scale_to, shrunk
from sigsearch.documents.peaks import Peaks, find_peaks, merged
from sigsearch.training.denormals import denormals_flushed
from sigsearch.training.detector.found_figures import FoundOnPage, judge
from sigsearch.training.detector.network import Deployed, Detector
from sigsearch.training.detector.packed_pages import PackedPage
from sigsearch.training.detector.page_batches import PageBatches
from sigsearch.training.detector.targets import middle_loss, side_loss, targets
from sigsearch.training.detector.warm_start import warm_start
from sigsearch.training.precision import mixed_precision

_SIDES = 2.0  # what the sides weigh beside the middles
_KIND_WEIGHTS = (1.0, 0.5, 0.5)
_STEEPEST = 5.0
_LOOKED_AT = 8  # pages of a batch that tells what a shipped network's channels are like


@dataclass(frozen=True, slots=True)
class Course:
    """`rate` is reached after `warm` steps and falls to nothing over the last `cool` ones before
    `steps`; `memory` of the running mean of the weights, a step."""

    steps: int
    batch: int = 12
    rate: float = 2e-3
    warm: int = 100
    cool: int = 0
    memory: float = 0.995

    def rate_at(self, step: int) -> float:
        left = (self.steps - step) / self.cool if self.cool else 1.0
        return self.rate * min(1.0, (step + 1) / self.warm, max(left, 0.01))


class DetectorTraining:
    """The state of a run: what is saved and read again."""

    def __init__(self, seed: int = 1) -> None:
        torch.manual_seed(seed)
        self.network = Detector().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        averaging = get_ema_multi_avg_fn(0.995)  # type: ignore[no-untyped-call]
        self.averaged = AveragedModel(self.network, multi_avg_fn=averaging, use_buffers=True)
        self.optimiser = torch.optim.AdamW(self.network.parameters(), lr=1e-3, weight_decay=5e-3)
        self.step = 0

    @property
    def mean(self) -> Detector:
        """The running mean of the weights: what is measured and shipped."""
        return cast(Detector, self.averaged.module).eval()

    def save(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_suffix(".part")
        torch.save(
            {"step": self.step, **{name: part.state_dict() for name, part in self._parts()}}, aside
        )
        aside.rename(path)

    def load(self, path: Path) -> None:
        state = torch.load(path, weights_only=True)
        self.step = int(state["step"])
        for name, part in self._parts():
            part.load_state_dict(state[name])

    def start_from(self, path: Path, batches: PageBatches, seed: int) -> None:
        """Begin with the weights of a detector that ships; raises EncoderError."""
        rng = np.random.default_rng(seed)
        warm_start(self.network, path, _inputs(batches.draw(_LOOKED_AT, rng)[0]))
        self.averaged.module.load_state_dict(self.network.state_dict())

    def _parts(self) -> tuple[tuple[str, Any], ...]:
        return (("network", self.network), ("mean", self.averaged), ("optimiser", self.optimiser))


@denormals_flushed()
def train(
    run: DetectorTraining,
    batches: PageBatches,
    course: Course,
    seed: int,
    report: Callable[[int, float, float], None],
    pause: int | None = None,
) -> None:
    """Go on with `run` until step `pause` or the course's last one; `report` is told each step
    with its two losses, and may stop the run by raising KeyboardInterrupt."""
    rng = np.random.default_rng((seed, run.step))
    kinds = torch.tensor(_KIND_WEIGHTS)
    while run.step < min(course.steps, pause or course.steps):
        for group in run.optimiser.param_groups:
            group["lr"] = course.rate_at(run.step)
        views, boxes = batches.draw(course.batch, rng)
        bells, told, weight = targets(boxes, (views.shape[1], views.shape[2]))
        run.network.train()
        with mixed_precision(torch.device("cpu")):
            middles, sides = run.network(_inputs(views))
        middle = middle_loss(middles.float(), bells, kinds)
        side = side_loss(sides, told, weight)
        run.optimiser.zero_grad()
        (middle + _SIDES * side).backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(run.network.parameters(), _STEEPEST)
        run.optimiser.step()
        run.averaged.update_parameters(run.network)
        run.step += 1
        report(run.step, float(middle.detach()), float(side.detach()))


def _inputs(views: np.ndarray[Any, np.dtype[np.uint8]]) -> Tensor:
    dark = torch.from_numpy(views)[:, None].float() / 255
    return dark.contiguous(memory_format=torch.channels_last)


@torch.inference_mode()
def look(
    network: Detector, pages: Sequence[PackedPage], kinds: Sequence[int] = (0,)
) -> list[FoundOnPage]:
    """What `network` finds of `kinds` on packed pages, against their boxes."""
    deployed, found = Deployed(network), []
    for page in pages:
        boxes, sure, kind = merged([_look(deployed, page, area) for area in LOOKS])
        chosen = np.isin(kind, kinds)
        found.append(judge(boxes[chosen], sure[chosen], page.boxes, kinds))
    return found


def _look(deployed: Deployed, page: PackedPage, area: int) -> Peaks:
    scale = min(scale_to((page.dark.shape[0], page.dark.shape[1]), area), 1.0)
    view = torch.from_numpy(padded(shrunk(page.dark, scale)))[None]
    with mixed_precision(torch.device("cpu")):
        middles, sides = deployed(view)
    boxes, sure, kinds = find_peaks(middles[0].float().numpy(), sides[0].float().numpy())
    return boxes / np.float32(scale), sure, kinds
