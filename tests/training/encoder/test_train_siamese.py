"""`train siamese` from folders to an encoder that the product opens, small."""

from __future__ import annotations

import json
import shutil
from functools import partial
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from PIL import Image  # noqa: E402
from typer.testing import CliRunner  # noqa: E402

from sigsearch.cli.app import app  # noqa: E402
from sigsearch.encoder import Encoder  # noqa: E402
from sigsearch.engine.judge import Judge, Rates  # noqa: E402
from sigsearch.engine.pair import verify  # noqa: E402
from sigsearch.errors import CalibrationError, DatasetError  # noqa: E402
from sigsearch.synthesis import Writer, forge  # noqa: E402
from sigsearch.training.encoder import pipeline as running  # noqa: E402
from sigsearch.training.encoder.network import NetworkShape  # noqa: E402
from sigsearch.training.encoder.trainer import Plan  # noqa: E402

SMALL = NetworkShape((4, 8, 8, 8), (1, 1, 1, 1), dimensions=16, token_channels=8)


@pytest.fixture
def protocol(references: Path, tmp_path: Path) -> Path:
    path = tmp_path / "mine.json"
    roles = {"train": ["anna", "bo", "chidi", "dara"], "validation": ["émile o'neill", "李 雷"]}
    path.write_text(json.dumps({"name": "mine", "datasets": {references.name: roles}}))
    return path


def train(*arguments: str) -> tuple[str, str]:
    command = ["train", "siamese", *arguments]
    done = CliRunner().invoke(app, command, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout, done.stderr


def test_folders_become_an_encoder_and_training_goes_on(
    references: Path, protocol: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    small = partial(Plan, network=SMALL, writers=3, genuine=3, imitations=2, warmup=1)
    monkeypatch.setattr(running, "Plan", small)
    out = tmp_path / "run"
    command = [str(references), "-o", str(out), "--protocol", str(protocol), "--synthetic", "0"]
    told, said = train(*command, "--steps", "2", "--loss", "triplet", "--json")
    card = json.loads(told)
    assert card["id"].startswith("siamese-triplet-")
    assert "step 2: summary" in said
    assert {"train.npz", "validation.npz", "last.pt", "best.pt"} <= {p.name for p in out.iterdir()}
    encoder = Encoder.load(out / "encoder")
    vectors = encoder.embed([references / "anna" / "0.png"]).vectors
    assert vectors.shape == (1, 16)
    assert "not calibrated: writers of references0" in said
    assert "2 writers cannot stand for a population" in said
    with pytest.raises(CalibrationError, match="sigsearch calibrate DATA"):
        Judge.of(encoder)
    told, said = train(*command, "--steps", "3", "--loss", "triplet")
    assert "continuing from step 2" in said
    assert str(out / "encoder") in told


def test_the_encoder_is_calibrated_on_validation_writers_and_answers(
    references: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    small = partial(Plan, network=SMALL, writers=3, genuine=3, imitations=2, warmup=1)
    monkeypatch.setattr(running, "Plan", small)
    data = tmp_path / "more"
    shutil.copytree(references, data)
    names = sorted(folder.name for folder in references.iterdir())
    for name, drawn in zip(("xu", "yoko", "zoe"), map(Writer.from_seed, (81, 82, 83)), strict=True):
        (data / name).mkdir()
        for number in range(5):
            Image.fromarray(drawn.specimen(number).page).save(data / name / f"{number}.png")
        for number in range(2):
            forged = forge(drawn, number, forger=90, level="seen").page
            Image.fromarray(forged).save(data / name / f"forgery_{number}.png")
    roles = {"train": ["xu", "yoko", "zoe"], "validation": names}
    protocol = tmp_path / "mine.json"
    protocol.write_text(json.dumps({"name": "mine", "datasets": {"more": roles}}))
    _, said = train(
        str(data), "-o", str(tmp_path / "run"), "--protocol", str(protocol), "--synthetic", "0",
        "--steps", "2",
    )  # fmt: skip
    assert "calibrated on writers of more who took no part in training" in said
    encoder = Encoder.load(tmp_path / "run" / "encoder")
    fitted = Judge.of(encoder).calibrations
    assert {c.writer_count for c in fitted.calibrations} == {6}
    proposition = fitted.calibrations[0].proposition
    images = references / "anna" / "0.png", references / "anna" / "1.png"
    answer = verify(*images, encoder, Rates(0.3, 0.3, proposition, strength=1))
    assert answer.decision in ("match", "inconclusive", "non_match")


def test_an_unknown_loss_is_refused_before_anything_is_read(tmp_path: Path):
    words = ["train", "siamese", str(tmp_path / "nowhere"), "-o", str(tmp_path), "--loss", "hinge"]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 2
    assert "'hinge' is not one of 'supcon', 'triplet'" in done.output


def test_a_set_that_the_protocol_does_not_know_is_named(references: Path, tmp_path: Path):
    with pytest.raises(
        DatasetError, match=rf"no train writers of {references.name}; it only knows"
    ):
        train(str(references), "-o", str(tmp_path / "run"))
