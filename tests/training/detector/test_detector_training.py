"""A few steps of training, stopped and gone on with, and the file that comes out."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from sigsearch.documents.detection import Detector
from sigsearch.models.folder import hashes_of, write_card
from sigsearch.training.detector.export import write_detector
from sigsearch.training.detector.network import Deployed
from sigsearch.training.detector.packed_pages import PackedPage
from sigsearch.training.detector.page_batches import PageBatches
from sigsearch.training.detector.trainer import Course, DetectorTraining, look, train


@pytest.fixture
def batches() -> PageBatches:
    dark = np.zeros((160, 200), np.uint8)
    dark[80:110, 60:140] = 200
    return PageBatches([[PackedPage(dark, np.array([(60, 80, 140, 110, 0)], np.float32))]], [1.0])


def test_a_run_learns_and_goes_on_where_it_stopped(batches, tmp_path):
    run, losses = DetectorTraining(1), []
    train(run, batches, Course(16, batch=2, rate=5e-4, warm=4), 1,
          lambda _step, _middle, side: losses.append(side))  # fmt: skip
    assert np.mean(losses[-4:]) < np.mean(losses[:4])
    run.save(tmp_path / "run.pt")
    other = DetectorTraining(2)
    other.load(tmp_path / "run.pt")
    assert other.step == 16
    for one, same in zip(run.mean.parameters(), other.mean.parameters(), strict=True):
        assert torch.equal(one, same)
    (seen,) = look(other.mean, batches.pools[0])
    assert seen.there == 1


def test_the_rate_warms_and_cools():
    course = Course(100, rate=1.0, warm=10, cool=50)
    rates = [course.rate_at(step) for step in range(100)]
    assert rates[0] == pytest.approx(0.1)
    assert rates[30] == 1.0
    assert rates[-1] < 0.05


def test_the_file_says_what_the_network_says(tmp_path):
    run = DetectorTraining(4)
    write_detector(run.mean, tmp_path / "detector.onnx")
    files = hashes_of(tmp_path, ["detector.onnx"])
    write_card(tmp_path / "card.json", {"threshold": 0.5, "files": files})
    from sigsearch.models.folder import ModelFolder

    session = ModelFolder.of(tmp_path).open("detector.onnx")
    for shape in ((96, 64), (64, 160)):
        view = np.random.default_rng(0).integers(0, 255, (1, *shape), np.uint8)
        with torch.inference_mode():
            expected = Deployed(run.mean)(torch.from_numpy(view))[1].numpy()
        assert np.allclose(session.run(None, {"views": view})[1], expected, atol=1e-3)
    assert Detector(tmp_path).find(np.full((300, 200), 255, np.uint8), least=0.9) == ()
