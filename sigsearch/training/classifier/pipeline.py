"""Training a classifier from dataset folders to a model folder, in one call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sigsearch.classifier.card import ClassifierCard
from sigsearch.classifier.model import Classifier
from sigsearch.classifier.split import Split
from sigsearch.datasets import Sample
from sigsearch.errors import ImageError
from sigsearch.imaging import read_signature
from sigsearch.training.classifier.data import ClassifierData, read_data
from sigsearch.training.classifier.export import export_classifier
from sigsearch.training.classifier.trainer import LOG, ClassifierPlan, ClassifierTrainer, Watch
from sigsearch.training.curves import CURVES, classifier_curves, draw_curves

CHECKPOINTS = "training"


@dataclass(frozen=True, slots=True)
class Trained:
    """seconds: of the whole training, also of epochs before an interruption, by the clock;
    cpu_seconds: the work, summed over cores."""

    card: ClassifierCard
    seconds: float
    cpu_seconds: float


def train_classifier(
    split: Split,
    out: Path,
    plan: ClassifierPlan | None = None,
    watch: Watch = iter,
    report: Callable[[str], None] = lambda _line: None,
) -> ClassifierCard:
    """Read the images of `split`, train (or go on), export to `out`, measure on the test images.

    `out` gets the model, `curves.png` and `training/` with the checkpoints. Raises DatasetError,
    or ClassifierError when `out` holds a training on other images.
    """
    trained = fit(read_data(split), out, plan, watch, report)
    training = {
        **trained.card.training,
        "split": split.summary().to_dict(),
        "test": measure(Classifier.load(out), split.test),
    }
    card = ClassifierCard(**{**asdict(trained.card), "training": training})
    card.save(out)
    draw_curves(classifier_curves, out / CHECKPOINTS / LOG, out / CURVES, report)
    return card


def fit(
    data: ClassifierData,
    out: Path,
    plan: ClassifierPlan | None = None,
    watch: Watch = iter,
    report: Callable[[str], None] = lambda _line: None,
) -> Trained:
    """Train on images that are read already, and export."""
    chosen = plan or ClassifierPlan()
    trainer = ClassifierTrainer(chosen, data, out / CHECKPOINTS)
    if trainer.resume():
        report(f"continuing from epoch {trainer.epoch}")
    network = trainer.run(watch, report)
    card = export_classifier(
        network,
        data,
        out,
        plan=asdict(chosen),
        epochs=trainer.epoch,
        best_epoch=trainer.best_epoch,
        images=len(data.labels),
        seconds=round(trainer.seconds, 1),
    )
    return Trained(card, trainer.seconds, trainer.cpu_seconds)


def measure(classifier: Classifier, samples: tuple[Sample, ...]) -> dict[str, Any]:
    """Accuracy on images that took no part in training; unreadable ones count as wrong."""
    readable = []
    for sample in samples:
        try:
            readable.append((sample.writer, read_signature(sample.source)))
        except ImageError:
            continue
    shares = classifier.probabilities([signature for _, signature in readable])
    named = [classifier.card.writers[at] for at in np.argmax(shares, axis=1)]
    right = sum(name == writer for name, (writer, _) in zip(named, readable, strict=True))
    accuracy = round(right / max(len(samples), 1), 4)
    return {"images": len(samples), "right": right, "accuracy": accuracy}
