"""Training of the classifier: resumable to the bit, stopped in time, exported faithfully."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from sigsearch.classifier import Classifier  # noqa: E402
from sigsearch.classifier.split import read_split  # noqa: E402
from sigsearch.errors import ClassifierError  # noqa: E402
from sigsearch.training.classifier.data import ClassifierData, read_data  # noqa: E402
from sigsearch.training.classifier.export import export_classifier  # noqa: E402
from sigsearch.training.classifier.trainer import ClassifierPlan, ClassifierTrainer  # noqa: E402
from sigsearch.training.curves import classifier_curves, siamese_curves  # noqa: E402

PLAN = ClassifierPlan(epochs=4, batch=6, warmup=1)


@pytest.fixture(scope="module")
def data(references: Path) -> ClassifierData:
    return read_data(read_split([references], 2, 1, 2))


@pytest.fixture(scope="module")
def unbroken(data: ClassifierData, tmp_path_factory: pytest.TempPathFactory) -> ClassifierTrainer:
    trainer = ClassifierTrainer(PLAN, data, tmp_path_factory.mktemp("unbroken"))
    trainer.run()
    return trainer


def two_epochs(numbers: Sequence[int]) -> Iterator[int]:
    yield from numbers[:2]


def test_data_are_numbered_by_writer(data: ClassifierData):
    assert data.bits.shape[0] == len(data.labels) == len(data.seen["train"]) == 12
    assert sorted(set(data.labels.tolist())) == list(range(6))
    assert len(data.canvases) == len(data.canvas_labels) == len(data.seen["validation"]) == 6


def test_a_resumed_training_ends_where_an_unbroken_one_does(
    data: ClassifierData, unbroken: ClassifierTrainer, tmp_path: Path
):
    ClassifierTrainer(PLAN, data, tmp_path).run(two_epochs)
    resumed = ClassifierTrainer(PLAN, data, tmp_path)
    assert resumed.resume()
    assert resumed.epoch == 2
    resumed.run()
    assert (resumed.epoch, resumed.best, resumed.best_epoch) == (
        unbroken.epoch,
        unbroken.best,
        unbroken.best_epoch,
    )
    for name, value in unbroken.network.state_dict().items():
        torch.testing.assert_close(value, resumed.network.state_dict()[name])


def test_a_training_on_other_images_or_settings_is_not_resumed(
    data: ClassifierData, unbroken: ClassifierTrainer, references: Path
):
    other = read_data(read_split([references], 2, 1, 2, seed=5))
    with pytest.raises(ClassifierError, match="other images"):
        ClassifierTrainer(PLAN, other, unbroken.folder).resume()
    with pytest.raises(ClassifierError, match="other settings"):
        ClassifierTrainer(ClassifierPlan(epochs=9), data, unbroken.folder).resume()


def test_few_images_make_small_batches_not_few_steps(
    data: ClassifierData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    repeated = replace(data, bits=data.bits.repeat(5, 0), labels=data.labels.repeat(5))  # 60 images
    trainer = ClassifierTrainer(ClassifierPlan(epochs=1), repeated, tmp_path)
    sizes: list[int] = []

    def step(rows: np.ndarray, _generator: torch.Generator) -> tuple[torch.Tensor, float]:
        sizes.append(len(rows))
        return torch.zeros(len(rows), 6), 0.0

    monkeypatch.setattr(trainer, "_step", step)
    trainer._train_epoch(0)
    assert sizes == [10] * 6
    sizes.clear()
    trainer.data = replace(data, bits=data.bits.repeat(20, 0), labels=data.labels.repeat(20))
    trainer._train_epoch(0)
    assert len(sizes) == 7  # 240 images in batches of 32 and a little more


def test_a_damaged_checkpoint_is_refused(data: ClassifierData, tmp_path: Path):
    (tmp_path / "last.pt").write_bytes(b"no checkpoint")
    with pytest.raises(ClassifierError, match="not a checkpoint"):
        ClassifierTrainer(PLAN, data, tmp_path).resume()


def test_it_stops_when_validation_gets_no_better(data: ClassifierData, tmp_path: Path):
    wild = ClassifierPlan(epochs=40, batch=6, rate=3.0, patience=2)
    trainer = ClassifierTrainer(wild, data, tmp_path)
    trainer.run()
    assert trainer.epoch < 40
    assert trainer.epoch - trainer.best_epoch == 2


def test_the_rate_rises_and_falls():
    plan = ClassifierPlan(epochs=20, warmup=2)
    rates = [plan.rate_at(epoch / 4) for epoch in range(81)]
    assert max(rates) == plan.rate == rates[8]
    assert rates[0] < rates[4] < rates[8]
    assert rates[8:] == sorted(rates[8:], reverse=True)
    assert rates[-1] < plan.rate / 100


def test_the_exported_network_says_what_the_trained_one_says(
    data: ClassifierData, unbroken: ClassifierTrainer, tmp_path: Path
):
    network = unbroken.network.eval()
    card = export_classifier(network, data, tmp_path)
    opened = Classifier.load(tmp_path, threads=1)
    assert (opened.card.id, opened.card.files) == (card.id, card.files)
    assert opened.card.writers == data.writers
    with torch.inference_mode():
        logits = network(torch.from_numpy(data.canvases[:, None]).float() / 255)
    (shares,) = opened._network.run(None, {"canvases": data.canvases[:, None]})
    np.testing.assert_allclose(shares, logits.softmax(1).numpy(), atol=1e-4)


def test_curves_are_drawn(unbroken: ClassifierTrainer, tmp_path: Path):
    pytest.importorskip("matplotlib")
    log = unbroken.folder / "log.jsonl"
    assert len(log.read_text().splitlines()) == 4
    classifier_curves(log, tmp_path / "curves.png")
    steps = [{"step": n, "global": 2.0 / n, "local": 1.0 / n, "set": 0.5 / n} for n in (1, 2)]
    entries = [*steps, {"step": 2, "validation": {"summary": 0.2}}]
    (tmp_path / "log.jsonl").write_text("\n".join(map(json.dumps, entries)) + '\n{"step": 3, "glo')
    siamese_curves(tmp_path / "log.jsonl", tmp_path / "siamese.png")
    (tmp_path / "short.jsonl").write_text(json.dumps(entries[2]))
    siamese_curves(tmp_path / "short.jsonl", tmp_path / "short.png")
    for name in ("curves.png", "siamese.png", "short.png"):
        assert (tmp_path / name).read_bytes()[:4] == b"\x89PNG"
