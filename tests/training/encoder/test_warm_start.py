"""Training from trained weights: a larger network starts out computing what the smaller one did."""

from __future__ import annotations

from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from safetensors.torch import save_file  # noqa: E402

from sigsearch.errors import EncoderError  # noqa: E402
from sigsearch.imaging import CANVAS_SHAPE  # noqa: E402
from sigsearch.training.encoder.network import NetworkShape  # noqa: E402
from sigsearch.training.encoder.trainer import SiameseModel  # noqa: E402
from sigsearch.training.encoder.warm_start import warm_start  # noqa: E402

SMALL = NetworkShape((4, 8, 8, 8), (1, 1, 1, 1), dimensions=16, token_channels=8)
LARGER = {
    "the same": SMALL,
    "wider": NetworkShape((8, 8, 12, 16), (1, 1, 1, 1), dimensions=16, token_channels=8),
    "deeper": NetworkShape((4, 8, 8, 8), (1, 2, 3, 2), dimensions=16, token_channels=8),
    "both": NetworkShape((8, 12, 12, 16), (2, 1, 2, 3), dimensions=16, token_channels=8),
}


def model_of(shape: NetworkShape, seed: int) -> SiameseModel:
    """Weights at random, also those that start at nought or one, and with statistics of a batch."""
    torch.manual_seed(seed)
    model = SiameseModel(shape)
    with torch.no_grad():
        for value in model.parameters():
            value.add_(0.1 * torch.randn_like(value))
        model.train()
        model.network(torch.rand(4, 1, *CANVAS_SHAPE))
    return model.eval()


@pytest.fixture(scope="module")
def trained() -> SiameseModel:
    return model_of(SMALL, seed=1)


@pytest.fixture(scope="module")
def weights(trained: SiameseModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("weights") / "encoder.safetensors"
    # A file of an older version, without the weighing of sets and with another comparison.
    known = {k: v for k, v in trained.state_dict().items() if not k.startswith("sets.")}
    save_file(known | {"matcher.difference": torch.zeros(2)}, path)
    return path


@pytest.mark.parametrize("shape", LARGER.values(), ids=LARGER)
def test_a_larger_network_starts_where_the_smaller_one_ended(
    shape: NetworkShape, trained: SiameseModel, weights: Path
):
    torch.manual_seed(2)
    larger = SiameseModel(shape).eval()
    canvases = (torch.rand(3, 1, *CANVAS_SHAPE) > 0.8).float()
    with torch.inference_mode():
        before = larger.network(canvases).vectors
        warm_start(larger, weights)
        expected, got = trained.network(canvases), larger.network(canvases)
    assert not torch.allclose(before, expected.vectors, atol=0.1)
    for old, new in zip(expected, got, strict=True):
        torch.testing.assert_close(new, old, atol=1e-4, rtol=1e-4)
    assert torch.equal(larger.matcher.scale, trained.matcher.scale)


def test_new_parts_can_learn(weights: Path):
    """What is added gives nothing at first, but is not stuck there."""
    model = SiameseModel(LARGER["both"]).train()
    warm_start(model, weights)
    reading = model.network(torch.rand(4, 1, *CANVAS_SHAPE))
    (reading.vectors[0] @ reading.vectors[1] + reading.tokens[:, 0].sum()).backward()
    for name, value in model.network.named_parameters():
        if name.endswith(("second.1.weight", "global_head.weight", "token_head.weight")):
            assert value.grad is not None
            assert value.grad.abs().max() > 0, name


def test_a_foreign_file_is_an_error(tmp_path: Path, weights: Path):
    model = SiameseModel(SMALL)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    broken = tmp_path / "broken.safetensors"
    broken.write_bytes(weights.read_bytes()[:2000])
    foreign = tmp_path / "foreign.safetensors"
    save_file({"conv1.weight": torch.zeros(3, 3)}, foreign)
    for path, words in (
        (tmp_path / "missing.safetensors", "cannot be read"),
        (broken, "cannot be read"),
        (foreign, "another network.*conv1.weight"),
    ):
        with pytest.raises(EncoderError, match=words) as caught:
            warm_start(model, path)
        assert str(path) in str(caught.value)
    for name, value in model.state_dict().items():
        assert torch.equal(value, before[name])


def test_a_larger_file_is_an_error(tmp_path: Path):
    for shape, words in ((LARGER["wider"], "another network"), (LARGER["deeper"], "deeper")):
        path = tmp_path / "larger.safetensors"
        save_file(SiameseModel(shape).state_dict(), path)
        with pytest.raises(EncoderError, match=words):
            warm_start(SiameseModel(SMALL), path)
