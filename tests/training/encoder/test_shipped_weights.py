"""The weights that ship in a distribution of their own."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from sigsearch.encoder import ModelCard, shipped_folder  # noqa: E402
from sigsearch.errors import EncoderError, ExtraMissing  # noqa: E402
from sigsearch.training.encoder.network import NetworkShape  # noqa: E402
from sigsearch.training.encoder.trainer import SiameseModel  # noqa: E402
from sigsearch.training.encoder.warm_start import warm_start  # noqa: E402
from sigsearch.training.weights import shipped_weights  # noqa: E402

ROOT = Path(__file__).parents[3]


def test_training_goes_on_from_them():
    model = SiameseModel(NetworkShape())
    before = {name: value.clone() for name, value in model.state_dict().items()}
    warm_start(model, shipped_weights())
    changed = [name for name, value in model.state_dict().items()
               if value.is_floating_point() and not torch.equal(value, before[name])]  # fmt: skip
    assert "network.global_head.weight" in changed


def test_without_them_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "sigsearch_weights", None)
    with pytest.raises(ExtraMissing, match=r"pip install 'sigsearch\[train\]'"):
        shipped_weights()


def test_those_of_another_encoder_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    other = tmp_path / shipped_weights().name
    shutil.copy(shipped_weights(), other)
    with other.open("r+b") as file:
        file.seek(-1, 2)
        file.write(b"?")
    monkeypatch.setattr("sigsearch_weights.FOLDER", tmp_path)
    with pytest.raises(EncoderError, match="SHA-256"):
        shipped_weights()


def test_their_version_is_the_encoders_and_the_extra_asks_for_it():
    number = re.search(r"-(\d+)-", ModelCard.load(shipped_folder()).id)
    assert number is not None
    theirs = (ROOT / "weights" / "pyproject.toml").read_text(encoding="utf-8")
    ours = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    extra = re.search(r"^train = \[\n(.+?)^\]", ours, re.M | re.S)
    assert extra is not None
    assert f'\nversion = "{number[1]}.' in theirs
    assert f'"sigsearch-weights=={number[1]}.*"' in extra[1]
