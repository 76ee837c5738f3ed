"""A small classifier, trained on the invented writers of `references`."""

from __future__ import annotations

from pathlib import Path

import pytest

from sigsearch.classifier import Classifier
from sigsearch.classifier.split import Split, read_split

pytest.importorskip("torch")


@pytest.fixture(scope="session")
def split(references: Path) -> Split:
    return read_split([references], 2, 1, 2)


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory, split: Split) -> Path:
    from sigsearch.training.classifier.pipeline import train_classifier
    from sigsearch.training.classifier.trainer import ClassifierPlan

    folder = tmp_path_factory.mktemp("model")
    train_classifier(split, folder, ClassifierPlan(epochs=50, batch=4, warmup=1, patience=50))
    return folder


@pytest.fixture
def classifier(model: Path) -> Classifier:
    return Classifier.load(model, threads=1)
