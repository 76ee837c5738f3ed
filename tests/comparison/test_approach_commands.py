"""`train classifier`, `compare` and `explain` from the command line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner

from sigsearch.cli.app import app
from sigsearch.errors import DatasetError
from sigsearch.synthesis import Writer

PARTS = ["--train", "2", "--validation", "1", "--test", "2"]


@pytest.fixture(scope="module")
def few(references: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four of the six writers."""
    folder = tmp_path_factory.mktemp("few") / "refs"
    for name in ("anna", "bo", "chidi", "dara"):
        shutil.copytree(references / name, folder / name)
    return folder


def run(*arguments: str) -> tuple[str, str]:
    done = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout, done.stderr


def test_train_and_train_on(few: Path, tmp_path: Path):
    command = ["train", "classifier", str(few), "-o", str(tmp_path), *PARTS, "--epochs", "2"]
    told, said = run(*command, "--json")
    card = json.loads(told)
    assert card["training"]["test"]["images"] == 8
    assert card["training"]["split"]["train"] == 8
    assert "epoch 2:" in said
    assert {"card.json", "classifier.onnx", "curves.png"} <= {p.name for p in tmp_path.iterdir()}
    told, said = run(*command)
    assert "continuing from epoch 2" in said
    assert "of 8 test images correct" in told


def test_one_image_a_writer_is_refused(tmp_path: Path):
    for seed in (1, 2):
        (tmp_path / f"writer{seed}").mkdir()
        page = Image.fromarray(Writer.from_seed(seed).specimen(0).page)
        page.save(tmp_path / f"writer{seed}" / "0.png")
    with pytest.raises(DatasetError, match="0 of 2 writers"):
        run("train", "classifier", str(tmp_path), "-o", str(tmp_path / "model"))


def test_compare_writes_a_page_and_its_figures(few: Path, tmp_path: Path):
    told, _ = run("compare", str(few), "-o", str(tmp_path), *PARTS, "--epochs", "1")
    assert "closed set" in told
    assert "Only the index can compare" in told
    assert json.loads((tmp_path / "comparison.json").read_text())["encoder_bytes"] > 1e6
    assert "<svg" in (tmp_path / "index.html").read_text(encoding="utf-8")


def test_explain_a_pair(few: Path, tmp_path: Path):
    images = [str(few / "bo" / f"{number}.png") for number in (0, 1)]
    out = tmp_path / "pair.png"
    told, _ = run("explain", *images, "-o", str(out), "--json")
    answer = json.loads(told)
    assert answer["grid"] == [9, 21]
    assert len(answer["alike"]) == 3
    assert Image.open(out).size[0] > 400
