"""A detector that ships can be gone on with: unfolded, it finds what its file finds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

from sigsearch.errors import EncoderError
from sigsearch.training.detector.export import GIVES, TAKES, write_detector
from sigsearch.training.detector.network import Deployed, Detector
from sigsearch.training.detector.warm_start import warm_start

VIEWS = np.random.default_rng(5).integers(0, 256, (3, 96, 128), np.uint8)


def pages() -> torch.Tensor:
    return torch.from_numpy(VIEWS)[:, None].float() / 255


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(3)
    network = Detector().train()
    for _ in range(5):
        network(pages())
    path = tmp_path_factory.mktemp("shipped") / "detector.onnx"
    write_detector(network.eval(), path)
    return path


def test_the_network_computes_what_the_file_does(shipped: Path) -> None:
    network = Detector()
    warm_start(network, shipped, pages())
    with torch.inference_mode():
        found = [part.numpy() for part in Deployed(network).eval()(torch.from_numpy(VIEWS))]
    session = onnxruntime.InferenceSession(shipped, providers=["CPUExecutionProvider"])
    for ours, theirs in zip(found, session.run(list(GIVES), {TAKES: VIEWS}), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-3)


def test_its_normalisations_learn_on(shipped: Path) -> None:
    network = Detector()
    warm_start(network, shipped, pages())
    before = network.stem[1].weight.detach().clone()
    assert not torch.allclose(before, torch.ones_like(before))
    middles, sides = network.train()(pages())
    (middles.sum() + sides.sum()).backward()
    assert network.stem[1].weight.grad is not None
    assert torch.isfinite(network.stem[1].weight.grad).all()


@pytest.mark.parametrize("content", [b"", b"no model", b"\x08\x07"], ids=["empty", "text", "bare"])
def test_another_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "detector.onnx"
    path.write_bytes(content)
    with pytest.raises(EncoderError, match=r"detector\.onnx"):
        warm_start(Detector(), path, pages())
