"""Training of the Siamese encoder: batches in, checkpoints and a log out; resumable at any step."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from sigsearch.errors import EncoderError
from sigsearch.imaging import CANVAS_SHAPE
from sigsearch.training.denormals import denormals_flushed
from sigsearch.training.encoder.augment import GROUPS, augment
from sigsearch.training.encoder.batches import Batch, BatchSampler
from sigsearch.training.encoder.composed import put_together
from sigsearch.training.encoder.losses import (
    GlobalLoss,
    SetLoss,
    choose_pairs,
    compare_pairs,
    pair_loss,
)
from sigsearch.training.encoder.matcher import LocalMatcher
from sigsearch.training.encoder.network import STRIDE, NetworkShape, SignatureNetwork, canvas_of
from sigsearch.training.encoder.validate import Figures, measure
from sigsearch.training.packed import PackedImages
from sigsearch.training.precision import mixed_precision

GRID = (CANVAS_SHAPE[0] // STRIDE, CANVAS_SHAPE[1] // STRIDE)
REACH = (2, 3)


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that decides a run. `shares`: how often each source is drawn; `decay`: the share
    of the steps over which the learning rate falls to nothing at the end; `patience`: validations
    without a better figure after which training stops, 0 = never; `save_every`: steps from one
    checkpoint to the next, 0 = at validations only; `groups`: of augmentation;
    `posture`: how far it sways each image, 1 = as far as usual; `composed`: the share of writers
    put together with another; `grid`: rows and columns of tokens, the canvas over STRIDE; `reach`:
    how many of these a token may have moved."""

    steps: int = 3000
    writers: int = 12
    genuine: int = 5
    imitations: int = 4
    loss: str = "supcon"
    local_weight: float = 1.0
    set_weight: float = 0.5
    rate: float = 2e-3
    warmup: int = 150
    decay: float = 0.3
    composed: float = 0.0
    seed: int = 1
    validate_every: int = 250
    save_every: int = 0
    patience: int = 0
    groups: tuple[str, ...] = GROUPS
    posture: float = 1.0
    grid: tuple[int, int] = GRID
    reach: tuple[int, int] = REACH
    shares: Mapping[str, float] = field(default_factory=dict)
    network: NetworkShape = field(default_factory=NetworkShape)

    def rate_at(self, step: int) -> float:
        """Warm-up, a long constant stretch, then a straight line to nothing."""
        left = (self.steps - step) / max(self.decay * self.steps, 1)
        return self.rate * min((step + 1) / self.warmup, left, 1.0)


class SiameseModel(nn.Module):
    """The network, the matcher of its local reading, and what weighs a set of references in
    training."""

    def __init__(
        self,
        shape: NetworkShape,
        grid: tuple[int, int] = GRID,
        reach: tuple[int, int] = REACH,
    ) -> None:
        super().__init__()
        self.network = SignatureNetwork(shape)
        self.matcher = LocalMatcher(grid, reach)
        self.sets = SetLoss()


class Trainer:
    """What has to survive an interruption; `folder` gets last.pt, best.pt and log.jsonl."""

    kind: type[SiameseModel] = SiameseModel

    def __init__(
        self, plan: Plan, train: PackedImages, validation: PackedImages | None, folder: Path
    ) -> None:
        torch.manual_seed(plan.seed)
        self.plan, self.folder = plan, folder
        self.train, self.validation = train, validation
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.model = self.kind(plan.network, plan.grid, plan.reach).to(
            self.device,
            memory_format=torch.channels_last,  # type: ignore[call-overload]
        )
        self.average = AveragedModel(self.model, avg_fn=_average, use_buffers=True)
        self.loss = GlobalLoss(plan.loss)
        self.optimiser = torch.optim.AdamW(_groups(self.model), lr=plan.rate, fused=True)
        shares = plan.shares or {str(name): 1.0 for name in train.names}
        self.sampler = BatchSampler(
            train, shares, plan.writers, plan.genuine, plan.imitations, plan.composed
        )
        self.learned_from = train.writers_of()  # and what the weights did before
        self.step = 0
        self.best = float("inf")
        self.stale = 0  # validations since the best
        folder.mkdir(parents=True, exist_ok=True)

    @denormals_flushed()
    def run(
        self,
        report: Callable[[str], None] = lambda _line: None,
        watch: Callable[[Sequence[int]], Iterable[int]] = iter,
    ) -> Path:
        """Train to the plan's last step, or until patience is at an end; returns the best
        checkpoint's path. `watch` may wrap the steps, for a progress bar."""
        began, since = time.perf_counter(), self.step
        for _ in watch(range(self.step, self.plan.steps)):
            if 0 < self.plan.patience <= self.stale:
                break
            losses = self._advance()
            if self.step % 25 == 0:
                seconds = (time.perf_counter() - began) / (self.step - since)
                self._log({"step": self.step, "seconds_per_step": round(seconds, 3), **losses})
                report(f"step {self.step}: " + ", ".join(f"{k} {v}" for k, v in losses.items()))
            if self.step % self.plan.validate_every == 0 or self.step == self.plan.steps:
                self._checkpoint(report)
            elif self.plan.save_every and self.step % self.plan.save_every == 0:
                self._save(self.folder / "last.pt")
        return self.folder / "best.pt"

    def resume(self, path: Path) -> None:
        """Go on from a checkpoint; raises EncoderError when it is of another network."""
        try:
            state = torch.load(path, map_location=self.device, weights_only=True)
            self.model.load_state_dict(state["model"])
            self.average.load_state_dict(state["average"])
            self.optimiser.load_state_dict(state["optimiser"])
        except (OSError, RuntimeError, KeyError, ValueError, UnpicklingError) as fault:
            raise EncoderError(f"{path}: not a checkpoint of this network ({fault})") from None
        self.learned_from = {**state.get("writers", {}), **self.learned_from}
        self.step, self.best = int(state["step"]), float(state["best"])
        self.stale = int(state.get("stale", 0))

    def _advance(self) -> dict[str, float]:
        # Seeded by step, so that a resumed run draws what an unbroken one would have drawn.
        rng = np.random.default_rng([self.plan.seed, self.step])
        generator = torch.Generator().manual_seed(int(rng.integers(2**62)))
        images, batch = self._draw(rng, generator)
        for group in self.optimiser.param_groups:
            group["lr"] = self.plan.rate_at(self.step)
        gathered, parted, fused = self._losses(images, batch)
        self.optimiser.zero_grad(set_to_none=True)
        total = gathered + self.plan.local_weight * parted + self.plan.set_weight * fused
        total.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 5.0)
        self.optimiser.step()
        self.average.update_parameters(self.model)
        self.step += 1
        losses = {"global": gathered, "local": parted, "set": fused}
        return {name: round(value.item(), 4) for name, value in losses.items()}

    def _draw(self, rng: np.random.Generator, generator: torch.Generator) -> tuple[Tensor, Batch]:
        batch = self.sampler.draw(rng)
        images = self.train.unpack(batch.rows)
        ends = self.train.unpack(batch.ends[batch.ends >= 0])
        packed = torch.from_numpy(put_together(images, ends, batch, rng))
        return self._captured(packed, batch.slot, generator), batch

    def _captured(
        self, packed: Tensor, slot: NDArray[np.int64], generator: torch.Generator
    ) -> Tensor:
        """The canvases of packed images, augmented as the plan says."""
        canvas = canvas_of(self.plan.grid)
        slots = torch.from_numpy(slot)
        return augment(packed, generator, slots, self.plan.groups, canvas, self.plan.posture)

    def _losses(self, images: Tensor, batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
        self.model.train()
        images = images.to(self.device, memory_format=torch.channels_last)
        slot, genuine, identity = (
            torch.from_numpy(column).to(self.device)
            for column in (batch.slot, batch.genuine, batch.identity)
        )
        with mixed_precision(self.device):
            reading = self.model.network(images)
        gathered = self.loss(reading.vectors, identity)
        pairs = choose_pairs(self.model.matcher, reading, slot, genuine, identity)
        logits = compare_pairs(self.model.matcher, reading, pairs)
        fused = self.model.sets(logits, pairs, slot, genuine)
        return gathered, pair_loss(logits, pairs), fused

    def _checkpoint(self, report: Callable[[str], None]) -> None:
        figures = self._measure()
        if figures is not None:
            self._log({"step": self.step, "validation": figures.to_dict()})
            report(f"step {self.step}: {figures}")
        worst = figures.worth if figures else -float(self.step)
        better = worst < self.best
        self.best = min(self.best, worst)
        self.stale = 0 if better else self.stale + 1
        self._save(self.folder / "last.pt")
        if better:
            self._save(self.folder / "best.pt")

    def _measure(self) -> Figures | None:
        if self.validation is None:
            return None
        model = self.average.module
        assert isinstance(model, SiameseModel)
        figures = measure(model.network, model.matcher, self.validation)
        return figures if figures.eer else None

    def _save(self, path: Path) -> None:
        state = {
            "model": self.model.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "step": self.step,
            "best": self.best,
            "stale": self.stale,
            "shape": json.dumps(self.plan.network.to_dict()),
            "plan": json.dumps(_plain(self.plan)),
            "writers": self.learned_from,
        }
        beside = path.with_suffix(".part")
        torch.save(state, beside)
        beside.replace(path)

    def _log(self, entry: dict[str, Any]) -> None:
        with (self.folder / "log.jsonl").open("a", encoding="utf-8") as log:
            log.write(json.dumps(entry) + "\n")


def load_model(path: Path) -> SiameseModel:
    """The averaged weights of a checkpoint, ready to export; raises EncoderError."""
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
        model = SiameseModel(NetworkShape.from_dict(json.loads(state["shape"])))
        averaged = {
            name.removeprefix("module."): value
            for name, value in state["average"].items()
            if name.startswith("module.")
        }
        model.load_state_dict(averaged)
    except (OSError, RuntimeError, KeyError, TypeError, ValueError, UnpicklingError) as fault:
        raise EncoderError(f"{path}: not a checkpoint of sigsearch ({fault})") from None
    return model.eval()


def _average(average: Tensor, current: Tensor, count: Tensor | int) -> Tensor:
    """An exponential mean over about 300 steps, over fewer while there are fewer."""
    decay = min(0.997, (1 + int(count)) / (10 + int(count)))
    if not average.is_floating_point():
        return current
    return torch.lerp(current, average, decay)


def _plain(plan: Plan) -> dict[str, Any]:
    return {**asdict(plan), "shares": dict(plan.shares)}


def _groups(model: nn.Module) -> list[dict[str, Any]]:
    """Weight decay for the kernels only."""
    kernels = [p for p in model.parameters() if p.ndim > 1]
    rest = [p for p in model.parameters() if p.ndim <= 1]
    return [{"params": kernels, "weight_decay": 0.02}, {"params": rest, "weight_decay": 0.0}]
