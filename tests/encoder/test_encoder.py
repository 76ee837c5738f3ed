"""The shipped encoder: intact, as golden, and the same in torch, ONNX and numpy."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from sigsearch import errors
from sigsearch.encoder import Embeddings, Encoder, ModelCard, shipped_folder
from sigsearch.engine.judge import matcher_of
from sigsearch.imaging import CANVAS_SHAPE, signature_from_ink
from sigsearch.matching.local import LocalMatcher, floats_of
from sigsearch.matching.similarity import global_similarity
from sigsearch.synthesis import Writer


def specimens(seeds: range, each: int) -> list:
    return [signature_from_ink(Writer.from_seed(s).specimen(k).mask)
            for s in seeds for k in range(each)]  # fmt: skip


@pytest.fixture(scope="module")
def shipped() -> Encoder:
    return Encoder.load()


@pytest.fixture(scope="module")
def readings(shipped: Encoder) -> Embeddings:
    """Eight invented writers, three specimens each."""
    return shipped.embed(specimens(range(300, 308), 3))


def test_the_shipped_files_are_the_card_s(shipped: Encoder):
    # The weights to go on training from are in a distribution of their own.
    names = set(shipped.card.files) - {"encoder.safetensors"}
    assert {"card.json", *names} == {path.name for path in shipped.folder.iterdir()}
    for name in names:
        shipped.card.files_in(shipped.folder).read(name)
    assert sum(path.stat().st_size for path in shipped.folder.iterdir()) < 4e6
    assert shipped.card.training_data
    assert shipped.card.licence


def test_shapes_and_units(shipped: Encoder, readings: Embeddings):
    rows, columns, channels = shipped.card.token_shape
    assert readings.vectors.shape == (24, shipped.card.dimensions)
    assert readings.tokens.shape == (24, rows * columns, channels)
    np.testing.assert_allclose(np.linalg.norm(readings.vectors, axis=1), 1, atol=1e-5)
    assert (readings.weights.max(axis=1) == 255).all()
    assert len(readings.local_bytes(0)) <= 4096


def test_batches_do_not_matter(shipped: Encoder, readings: Embeddings):
    one_by_one = shipped.embed(specimens(range(300, 302), 3), batch_size=1)
    np.testing.assert_allclose(one_by_one.vectors, readings.vectors[:6], atol=1e-5)
    assert np.abs(one_by_one.tokens.astype(int) - readings.tokens[:6]).max() <= 1
    assert len(shipped.embed([])) == 0


@pytest.mark.parametrize("threads", [1, 3])
def test_a_bad_image_is_reported_in_its_place(encoder: Encoder, threads: int):
    good = specimens(range(300, 304), 3)
    given = [*good[:5], b"no picture", *good[5:], "absent.png"]
    several = Encoder(encoder.card, encoder.folder, encoder._network, threads)
    found = list(several.embed_each(given, batch_size=2))
    bad = {at: type(one) for at, one in enumerate(found) if not isinstance(one, Embeddings)}
    assert bad == {5: errors.NotAnImage, 13: errors.ImageMissing}
    readings = [one for one in found if isinstance(one, Embeddings)]
    np.testing.assert_array_equal(
        Embeddings.concatenate(readings).vectors, several.embed(good, batch_size=2).vectors
    )
    assert list(several.embed_each([])) == []


def test_own_specimens_are_the_nearest(shipped: Encoder, readings: Embeddings):
    matcher = matcher_of(shipped)
    for scores in (
        global_similarity(readings, readings),
        matcher.compare(readings, readings),
    ):
        others = np.where(np.eye(24, dtype=bool), -np.inf, scores)
        nearest = others.argmax(axis=1) // 3
        assert (nearest == np.arange(24) // 3).mean() >= 0.9


def test_parts_are_put_together_again(shipped: Encoder, readings: Embeddings):
    local = [readings.local_bytes(row) for row in range(3)]
    again = Embeddings.from_parts(list(readings.vectors[:3]), local, shipped.card.token_shape)
    np.testing.assert_array_equal(again.tokens, readings.tokens[:3])
    np.testing.assert_array_equal(again.weights, readings.weights[:3])


def test_an_altered_model_is_refused(tmp_path: Path):
    folder = tmp_path / "weights"
    shutil.copytree(shipped_folder(), folder)
    model = folder / "encoder.onnx"
    data = bytearray(model.read_bytes())
    data[len(data) // 2] ^= 1
    model.write_bytes(data)
    with pytest.raises(errors.EncoderError, match="SHA-256"):
        Encoder.load(folder)
    matcher = folder / "matcher.npz"
    matcher.write_bytes(matcher.read_bytes()[:-1])
    with pytest.raises(errors.EncoderError, match="matcher"):
        LocalMatcher.load(matcher, ModelCard.load(folder).files["matcher.npz"])


def test_missing_and_foreign_models_are_named(tmp_path: Path):
    with pytest.raises(errors.EncoderError, match=r"card\.json is missing"):
        Encoder.load(tmp_path)
    (tmp_path / "card.json").write_text("{}")
    with pytest.raises(errors.EncoderError, match="not a model card"):
        Encoder.load(tmp_path)
    card = json.loads((shipped_folder() / "card.json").read_text())
    (tmp_path / "card.json").write_text(json.dumps(card | {"preprocessing_version": 99}))
    with pytest.raises(errors.EncoderError, match="preprocessing 99"):
        Encoder.load(tmp_path)
    (tmp_path / "card.json").write_text(json.dumps(card | {"files": 1.5}))
    with pytest.raises(errors.EncoderError, match="not a model card"):
        Encoder.load(tmp_path)


def test_torch_onnx_and_numpy_agree(tmp_path: Path):
    """A freshly drawn network, so that the test does not depend on the weights that ship."""
    torch = pytest.importorskip("torch")
    from sigsearch.training.encoder.export import Deployed, export
    from sigsearch.training.encoder.network import NetworkShape
    from sigsearch.training.encoder.trainer import SiameseModel

    torch.manual_seed(0)
    model = SiameseModel(NetworkShape((8, 12, 16, 24), (1, 1, 1, 1), 32, 8)).eval()
    export(model, tmp_path, "tiny")
    encoder = Encoder.load(tmp_path)
    read = encoder.embed(specimens(range(320, 323), 2))
    canvases = np.stack([s.canvas for s in specimens(range(320, 323), 2)])[:, None]
    assert canvases.shape[2:] == CANVAS_SHAPE
    with torch.inference_mode():
        vectors, tokens, weights = Deployed(model.network)(torch.from_numpy(canvases))
    np.testing.assert_allclose(read.vectors, vectors.numpy(), atol=1e-4)
    assert np.abs(read.tokens.astype(int) - tokens.numpy()).max() <= 1
    assert np.abs(read.weights.astype(int) - weights.numpy()).max() <= 1

    floats, shares = (torch.from_numpy(part) for part in floats_of(read))
    left, right = (torch.arange(6).repeat_interleave(6), torch.arange(6).repeat(6))
    with torch.inference_mode():
        expected = model.matcher(floats[left], shares[left], floats[right], shares[right])
    ours = matcher_of(encoder).compare(read, read)
    np.testing.assert_allclose(ours.ravel(), expected.numpy(), atol=1e-4)
    np.testing.assert_allclose(ours, ours.T, atol=1e-4)
    assert np.ptp(ours) > 0.01
