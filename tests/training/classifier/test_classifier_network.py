"""The classifier's network keeps its units alive, however many writers there are."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from torch import Tensor  # noqa: E402
from torch.nn import functional as F  # noqa: E402

from sigsearch.imaging import CANVAS_SHAPE  # noqa: E402
from sigsearch.training.classifier.network import (  # noqa: E402
    ClassifierNetwork,
    ClassifierShape,
    Deployed,
)
from sigsearch.training.classifier.trainer import ClassifierPlan  # noqa: E402

WRITERS = 200


def strokes(count: int) -> Tensor:
    """Canvases with lines here and there, as different as signatures are."""
    noise = torch.rand(count, 1, CANVAS_SHAPE[0] // 8, CANVAS_SHAPE[1] // 8)
    return F.interpolate((noise > 0.8).float(), CANVAS_SHAPE)


def test_units_of_the_dense_layer_do_not_fall_silent():
    torch.manual_seed(1)
    network = ClassifierNetwork(ClassifierShape(WRITERS, widths=(8, 16, 32), hidden=64))
    optimiser = torch.optim.AdamW(network.parameters(), lr=ClassifierPlan().rate)
    for _ in range(25):
        loss = F.cross_entropy(network(strokes(16)), torch.randint(WRITERS, (16,)))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    heard: list[Tensor] = []
    rectifier = next(part for part in network.head if isinstance(part, torch.nn.ReLU))
    rectifier.register_forward_hook(lambda _part, _inputs, out: heard.append(out))
    with torch.inference_mode():
        network(strokes(64))  # as in training: a unit that is silent here learns nothing more
    silent = (heard[0].amax(0) <= 0).float().mean()
    assert silent < 0.1


def test_probabilities_come_out_for_every_writer():
    network = ClassifierNetwork(ClassifierShape(7, widths=(8, 8, 8), hidden=16)).eval()
    canvases = (255 * strokes(3)).to(torch.uint8)
    with torch.inference_mode():
        shares = Deployed(network)(canvases)
        logits = network(canvases.float() / 255)
    assert shares.shape == (3, 7)
    torch.testing.assert_close(shares, logits.softmax(1))
