"""A network in bytes is smaller, says nearly the same, and says it whatever the company."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sigsearch.encoder import Encoder
from sigsearch.encoder.encoder import NETWORK
from sigsearch.explanation.maps import feature_maps
from sigsearch.imaging import signature_from_ink
from sigsearch.synthesis import Writer

torch = pytest.importorskip("torch")

from sigsearch.training.encoder.export import export  # noqa: E402
from sigsearch.training.encoder.network import NetworkShape  # noqa: E402
from sigsearch.training.encoder.quantise import calibration_canvases  # noqa: E402
from sigsearch.training.encoder.trainer import SiameseModel  # noqa: E402
from sigsearch.training.packed import PackedImages, pack_signature  # noqa: E402

SIGNATURES = [
    signature_from_ink(Writer.from_seed(seed).specimen(0).mask) for seed in range(400, 410)
]


def packed() -> PackedImages:
    rows = np.zeros(len(SIGNATURES), np.int32)
    bits = np.stack([pack_signature(signature) for signature in SIGNATURES])
    return PackedImages(bits, rows, rows, rows, rows, rows == 0, np.array(["invented"]))


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Encoder, Encoder]:
    """The same weights, freshly drawn, in floating point and in bytes."""
    torch.manual_seed(0)
    model = SiameseModel(NetworkShape((8, 16, 24, 32), (1, 1, 2, 1), 32, 8)).eval()
    places = [tmp_path_factory.mktemp(name) for name in ("float", "int8")]
    export(model, places[0], "tiny")
    export(model, places[1], "tiny", calibration=calibration_canvases([packed()], 8))
    return Encoder.load(places[0]), Encoder.load(places[1])


def test_the_card_tells_them_apart(both: tuple[Encoder, Encoder]):
    plain, small = both
    assert (plain.card.arithmetic, small.card.arithmetic) == ("float32", "int8")
    assert plain.card.id != small.card.id
    sizes = [(encoder.folder / NETWORK).stat().st_size for encoder in both]
    assert sizes[1] < 0.75 * sizes[0]  # of larger networks a third remains


def test_they_agree(both: tuple[Encoder, Encoder]):
    plain, small = (encoder.embed(SIGNATURES) for encoder in both)
    assert (plain.vectors * small.vectors).sum(axis=1).min() > 0.99
    assert np.abs(plain.tokens.astype(int) - small.tokens).mean() < 4
    np.testing.assert_array_equal(plain.weights, small.weights)


def test_company_does_not_matter(both: tuple[Encoder, Encoder]):
    for encoder in both:
        together = encoder.embed(SIGNATURES)
        for at, signature in enumerate(SIGNATURES):
            alone = encoder.embed([signature])
            assert alone.vectors.tobytes() == together.vectors[at].tobytes()
            assert alone.local_bytes(0) == together.local_bytes(at)


def test_calibration_images_are_drawn_alike_and_from_each_set():
    first, again = (calibration_canvases([packed(), packed()], 8) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert len(first) == 8
    assert first.max() == 255


def test_its_layers_can_be_shown(both: tuple[Encoder, Encoder]):
    shown = [feature_maps(SIGNATURES[0], Path(encoder.folder))[1] for encoder in both]
    assert [m.values.shape for m in shown[0]] == [m.values.shape for m in shown[1]]
    assert len(shown[0]) == 11
