"""Training of the classifier: epochs in, checkpoints and a log out; resumable at any epoch."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from sigsearch.errors import ClassifierError
from sigsearch.training.classifier.data import ClassifierData
from sigsearch.training.classifier.network import ClassifierNetwork, ClassifierShape
from sigsearch.training.denormals import denormals_flushed
from sigsearch.training.encoder.augment import augment
from sigsearch.training.precision import mixed_precision

Watch = Callable[[Sequence[int]], Iterable[int]]
LOG = "log.jsonl"
_STEPS, _SMALLEST = 6, 8
"""Steps an epoch has at least, as long as no batch gets smaller than that: of few writers a batch
as large as usual would be the whole epoch, and normalisation would not have settled at its end."""


@dataclass(frozen=True, slots=True)
class ClassifierPlan:
    """Everything that decides a run. `patience`: epochs without a lower validation loss after
    which training stops; `rate`: the highest learning rate, reached after `warmup` epochs."""

    epochs: int = 40
    batch: int = 32
    rate: float = 2e-3
    warmup: float = 2.0
    patience: int = 10
    weight_decay: float = 0.02
    seed: int = 1

    def rate_at(self, epoch: float) -> float:
        """Warm-up, then half a cosine."""
        if epoch < self.warmup:
            return self.rate * (epoch + 0.1) / (self.warmup + 0.1)
        done = (epoch - self.warmup) / max(self.epochs - self.warmup, 1)
        return self.rate * (0.5 + 0.5 * math.cos(math.pi * min(done, 1.0)))


class ClassifierTrainer:
    """What has to survive an interruption; `folder` gets last.pt, best.pt and log.jsonl.

    `seconds` and `cpu_seconds` (summed over cores) count all epochs, those before an interruption
    too."""

    def __init__(self, plan: ClassifierPlan, data: ClassifierData, folder: Path) -> None:
        torch.manual_seed(plan.seed)
        self.plan, self.data, self.folder = plan, data, folder
        self.network: ClassifierNetwork = ClassifierNetwork(ClassifierShape(len(data.writers))).to(
            memory_format=torch.channels_last,  # type: ignore[call-overload]
        )
        self.optimiser = torch.optim.AdamW(
            self.network.parameters(), lr=plan.rate, weight_decay=plan.weight_decay, fused=True
        )
        self.epoch = 0
        self.seconds = self.cpu_seconds = 0.0
        self.best, self.best_epoch = float("inf"), 0
        folder.mkdir(parents=True, exist_ok=True)

    @denormals_flushed()
    def run(
        self, watch: Watch = iter, report: Callable[[str], None] = lambda _line: None
    ) -> ClassifierNetwork:
        """Train until the validation loss stops falling; returns the best network."""
        for epoch in watch(range(self.epoch, self.plan.epochs)):
            if self._stale():
                break
            began, work = time.perf_counter(), time.process_time()
            figures = {"epoch": epoch + 1, **self._train_epoch(epoch), **self._validate()}
            seconds = time.perf_counter() - began
            figures["seconds"] = round(seconds, 2)
            self.seconds += seconds
            self.cpu_seconds += time.process_time() - work
            self.epoch = epoch + 1
            self._keep(figures)
            report(
                f"epoch {epoch + 1}: loss {figures['loss']:.3f}, validation loss "
                f"{figures['validation_loss']:.3f}, accuracy {figures['validation_accuracy']:.1%}"
            )
        self.network.load_state_dict(self._load(self.folder / "best.pt")["network"])
        return self.network.eval()

    def resume(self) -> bool:
        """Go on from `folder`/last.pt, if it is there; raises ClassifierError when it belongs to
        other data or another plan."""
        path = self.folder / "last.pt"
        if not path.exists():
            return False
        state = self._load(path)
        if state["data"] != self.data.fingerprint:
            raise ClassifierError(
                f"{path}: belongs to a training run on other images; name another folder, or "
                "remove it"
            )
        if state["plan"] != self._settings():
            raise ClassifierError(
                f"{path}: belongs to a training run with other settings ({state['plan']}); "
                "use those, name another folder, or remove it"
            )
        self.network.load_state_dict(state["network"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.epoch = int(state["epoch"])
        self.best, self.best_epoch = float(state["best"]), int(state["best_epoch"])
        self.seconds, self.cpu_seconds = float(state["seconds"]), float(state["cpu_seconds"])
        return True

    def _settings(self) -> str:
        return json.dumps({**asdict(self.plan), "network": self.network.shape.to_dict()})

    def _stale(self) -> bool:
        return self.epoch - self.best_epoch >= self.plan.patience

    def _train_epoch(self, epoch: int) -> dict[str, float]:
        # Seeded by epoch, so that a resumed run draws what an unbroken one would have drawn.
        rng = np.random.default_rng([self.plan.seed, epoch])
        generator = torch.Generator().manual_seed(int(rng.integers(2**62)))
        torch.manual_seed(int(rng.integers(2**62)))
        self.network.train()
        order = rng.permutation(len(self.data.labels))
        size = min(self.plan.batch, max(len(order) // _STEPS, _SMALLEST))
        batches = np.array_split(order, max(len(order) // size, 1))
        total = right = 0.0
        for at, rows in enumerate(batches):
            for group in self.optimiser.param_groups:
                group["lr"] = self.plan.rate_at(epoch + at / len(batches))
            logits, loss = self._step(rows, generator)
            total += loss * len(rows)
            right += float((logits.argmax(1).numpy() == self.data.labels[rows]).sum())
        return {"loss": round(total / len(order), 4), "accuracy": round(right / len(order), 4)}

    def _step(self, rows: NDArray[np.int64], generator: torch.Generator) -> tuple[Tensor, float]:
        images = augment(torch.from_numpy(self.data.unpack(rows)), generator)
        logits = self._logits(images)
        loss = F.cross_entropy(logits, torch.from_numpy(self.data.labels[rows]))
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.network.parameters(), 5.0)
        self.optimiser.step()
        return logits.detach(), loss.item()

    def _logits(self, images: Tensor) -> Tensor:
        with mixed_precision(torch.device("cpu")):
            logits: Tensor = self.network(images.to(memory_format=torch.channels_last))
        return logits.float()

    @torch.inference_mode()
    def _validate(self) -> dict[str, float]:
        self.network.eval()
        parts = np.array_split(self.data.canvases, max(len(self.data.canvases) // 64, 1))
        logits = torch.cat([self._logits(torch.from_numpy(p[:, None]) / 255.0) for p in parts])
        labels = torch.from_numpy(self.data.canvas_labels)
        loss = F.cross_entropy(logits, labels).item()
        accuracy = (logits.argmax(1) == labels).float().mean().item()
        return {"validation_loss": round(loss, 4), "validation_accuracy": round(accuracy, 4)}

    def _keep(self, figures: dict[str, Any]) -> None:
        with (self.folder / LOG).open("a", encoding="utf-8") as log:
            log.write(json.dumps(figures) + "\n")
        if figures["validation_loss"] < self.best:
            self.best, self.best_epoch = figures["validation_loss"], self.epoch
            self._save(self.folder / "best.pt")
        self._save(self.folder / "last.pt")

    def _save(self, path: Path) -> None:
        state = {
            "network": self.network.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "epoch": self.epoch,
            "best": self.best,
            "best_epoch": self.best_epoch,
            "seconds": self.seconds,
            "cpu_seconds": self.cpu_seconds,
            "data": self.data.fingerprint,
            "plan": self._settings(),
        }
        beside = path.with_suffix(".part")
        torch.save(state, beside)
        beside.replace(path)

    def _load(self, path: Path) -> dict[str, Any]:
        try:
            state = torch.load(path, map_location="cpu", weights_only=True)
            return {**state}
        except (OSError, RuntimeError, TypeError, ValueError, EOFError, UnpicklingError):
            raise ClassifierError(f"{path}: not a checkpoint of sigsearch; remove it") from None
