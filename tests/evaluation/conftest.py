"""Datasets of invented writers."""

from __future__ import annotations

from pathlib import Path

import pytest

from sigsearch.datasets import Dataset, read_dataset
from sigsearch.evaluation.scorers import Scorer, trivial_scorers
from sigsearch.evaluation.scorers.peers.hog import Hog
from sigsearch.evaluation.session import Run, evaluate
from sigsearch.trials.drawing import TrialPlan


@pytest.fixture(scope="session")
def plan() -> TrialPlan:
    return TrialPlan(references=(1, 3), draws=3, others=4, probes=2)


@pytest.fixture(scope="session")
def dataset(references: Path) -> Dataset:
    return read_dataset(references)


@pytest.fixture(scope="session")
def split(references: Path, tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """The same as a manifest: two validation writers, four test writers."""
    path = tmp_path_factory.mktemp("split") / "invented.csv"
    lines = ["path,writer,kind,split,script"]
    for number, folder in enumerate(sorted(references.iterdir())):
        role = "validation" if number < 2 else "test"
        for image in sorted(folder.iterdir()):
            kind = "forgery" if image.stem.startswith("forgery") else "genuine"
            lines.append(
                f'"{image}","{folder.name}",{kind},{role},{"odd" if number % 2 else "even"}'
            )
    path.write_text("\n".join(lines), encoding="utf-8")
    return read_dataset(path)


@pytest.fixture(scope="session")
def scorers() -> list[Scorer]:
    return [Hog(), *trivial_scorers()]


@pytest.fixture(scope="session")
def run(split: Dataset, scorers: list[Scorer], plan: TrialPlan) -> Run:
    return evaluate([split], scorers, plan=plan)
