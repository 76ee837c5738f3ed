"""Signed forms are drawn with the truth about their ink, and a network learns from them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sigsearch.datasets import Sample
from sigsearch.imaging.ink import Ink, find_ink, ink_box
from sigsearch.imaging.load import load_page
from sigsearch.imaging.view import VIEW_SHAPE
from sigsearch.synthesis import Writer

torch = pytest.importorskip("torch")

from sigsearch.training.onnx_file import write_onnx  # noqa: E402
from sigsearch.training.segmenter.form_views import invented_views, real_views  # noqa: E402
from sigsearch.training.segmenter.forms import sign_form  # noqa: E402
from sigsearch.training.segmenter.network import Deployed, Segmenter, ink_loss  # noqa: E402
from sigsearch.training.segmenter.trainer import measure, train  # noqa: E402


def ink_of(seed: int) -> Ink:
    mask = Writer.from_seed(seed).specimen(0).mask
    left, top, right, bottom = ink_box(mask)
    return mask[top:bottom, left:right]


@pytest.mark.parametrize("seed", range(12))
def test_the_signature_on_a_form_is_where_the_mask_says(seed: int):
    form = sign_form(ink_of(seed), np.random.default_rng(seed))
    again = sign_form(ink_of(seed), np.random.default_rng(seed))
    np.testing.assert_array_equal(form.grey, again.grey)
    assert form.grey.shape == form.mask.shape
    assert form.grey[form.mask].mean() < form.grey[~form.mask].mean() - 20


def test_an_unsigned_form_has_ink_but_no_signature():
    form = sign_form(ink_of(3), np.random.default_rng(3), signed=False)
    assert not form.mask.any()
    assert find_ink(load_page(form.grey)).any()


def test_views_hold_the_truth(tmp_path: Path):
    views = invented_views(24, seed=5)
    assert views.shape[1:] == (3, *VIEW_SHAPE)
    assert len(views) > 15
    assert (views[:, 2] <= views[:, 0]).all()  # no more is the signature's than there is
    assert (views[:, 2] < views[:, 0]).any(axis=(1, 2)).sum() > 8
    np.testing.assert_array_equal(views, invented_views(24, seed=5))
    assert not np.array_equal(views[:8], invented_views(8, seed=6)[:8])


def test_real_signatures_are_drawn_again_when_there_are_few(tmp_path: Path):
    from PIL import Image

    samples = []
    for number in range(3):
        path = tmp_path / f"{number}.png"
        Image.fromarray(Writer.from_seed(number).specimen(0).page).save(path)
        samples.append(Sample(path, "anna", "genuine", number))
    views = real_views(samples, 9, seed=1)
    assert 5 < len(views) <= 9


def test_the_loss_looks_at_ink_alone():
    share, own = torch.zeros(1, 4, 4), torch.zeros(1, 4, 4)
    share[0, 0], own[0, 0] = 1.0, 1.0
    right, wrong = torch.full((1, 4, 4), -9.0), torch.full((1, 4, 4), 9.0)
    right[0, 0], wrong[0, 0] = 9.0, -9.0
    assert ink_loss(right, share, own) < 0.01
    assert ink_loss(wrong, share, own) > 5


def test_it_learns():
    views = invented_views(64, seed=8)
    losses: list[float] = []
    train(views, 100, 1, lambda step, loss, network: losses.append(loss))
    assert losses[-1] < 0.6  # of a coin: 0.69


@pytest.mark.parametrize(("says", "lost", "left"), [(9.0, 0, 1), (-9.0, 1, 0)])
def test_what_is_lost_and_left_is_measured(says: float, lost: float, left: float):
    views = invented_views(16, seed=8)
    network = Segmenter().eval()
    torch.nn.init.zeros_(network.head.weight)
    torch.nn.init.constant_(network.head.bias, says)
    cleaned = measure(network, views)
    assert (cleaned.lost, cleaned.left) == pytest.approx((lost, left))


def test_what_is_written_says_what_was_trained(tmp_path: Path):
    import onnxruntime

    torch.manual_seed(0)
    network = Segmenter().eval()
    path = tmp_path / "segmenter.onnx"
    write_onnx(Deployed(network), path, ["likely"], "views", (2, *VIEW_SHAPE))
    views = invented_views(3, seed=9)[:, :2]
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    (likely,) = session.run(None, {"views": views})
    with torch.inference_mode():
        expected = network(torch.from_numpy(views).float() / 255).sigmoid() * 255
    assert np.abs(likely - expected.numpy()).max() <= 1
