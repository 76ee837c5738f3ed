"""The demonstration on one writer: found, right, which images were trained on, a contact sheet."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sigsearch.classifier import Classifier, Likely
from sigsearch.classifier.answers import Checked, WriterCheck
from sigsearch.classifier.sheet import draw_sheet
from sigsearch.classifier.writer_check import check_writer
from sigsearch.datasets import read_dataset
from sigsearch.errors import ClassifierError, DatasetError


def test_counts_are_told_by_role(classifier: Classifier, references: Path):
    check = check_writer(classifier, read_dataset(references), "bo")
    assert (check.found, check.roles["train"].found, check.roles["validation"].found) == (5, 2, 1)
    assert check.roles["unseen"].found == 2
    assert check.right + len(check.wrong) == 5
    assert check.accuracy == check.right / 5
    answers = [classifier.classify(one.image).writer == "bo" for one in check.checked]
    assert answers == [one.right for one in check.checked]
    assert check.to_dict()["roles"]["train"]["found"] == 2


def test_bad_questions_are_refused(classifier: Classifier, references: Path):
    data = read_dataset(references)
    with pytest.raises(ClassifierError, match="'nobody'"):
        check_writer(classifier, data, "nobody")
    without = data.only(lambda s: s.writer != "bo")
    with pytest.raises(DatasetError, match="no genuine image of writer 'bo'"):
        check_writer(classifier, without, "bo")


def test_the_sheet_shows_the_wrong_ones_first_and_framed(
    classifier: Classifier, references: Path, tmp_path: Path
):
    check = check_writer(classifier, read_dataset(references), "bo")
    wrong = replace(check.checked[3], right=False, named=Likely("anna", 0.6))
    check = replace(check, checked=(*check.checked[:3], wrong, check.checked[4]))
    draw_sheet(check, tmp_path / "sheet.png")
    sheet = Image.open(tmp_path / "sheet.png").convert("RGB")
    assert sheet.size == (4 * 236, 2 * 138)
    framed = [is_orange(sheet.getpixel((4 + column * 236, 50))) for column in range(4)]
    wrong_first = sorted((not one.right for one in check.checked), reverse=True)
    assert framed == wrong_first[:4]
    assert any(framed)


def is_orange(pixel: tuple[int, ...]) -> bool:
    red, _, blue = pixel
    return red > 150 and blue < 60


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    code = "from sigsearch.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False
    )


def test_from_the_command_line(model: Path, references: Path, tmp_path: Path):
    image = str(references / "bo" / "0.png")
    shown = run("classify", image, "--model", str(model), "-k", "2")
    assert shown.returncode == 0, shown.stderr
    assert "writer " in shown.stdout.splitlines()[0]
    assert " %)" in shown.stdout.splitlines()[0]
    sheet = tmp_path / "bo.png"
    told = run(
        "classify", "--writer", "bo", str(references), "-m", str(model), "-o", str(sheet), "--json"
    )
    assert json.loads(told.stdout)["found"] == 5
    assert sheet.stat().st_size > 1000
    refused = run("classify", "--writer", "x", str(references), "-m", str(model))
    assert refused.returncode == 2
    assert "not among the 6" in refused.stderr


def test_pictures_keep_inside_their_frames(references: Path, tmp_path: Path):
    images = [str(references / "bo" / f"{n}.png") for n in range(5)]
    checked = tuple(Checked(image, Likely("bo", 0.9), True, "unseen") for image in images)
    out = tmp_path / "sheet.png"
    draw_sheet(WriterCheck.of("bo", checked, (), "model"), out)
    sheet = np.asarray(Image.open(out).convert("L"))
    width, height = 236, 138
    assert sheet.shape == (2 * height, 4 * width)
    for at in range(5):
        row, column = divmod(at, 4)
        cell = sheet[row * height :, column * width :][:height, :width]
        frame = cell[4:104, 4:232]  # the frame's own box
        assert (cell[:4] == 255).all()
        assert (cell[:, :4] == 255).all()
        assert (cell[:104, 232:] == 255).all()
        assert (frame < 100).sum() > 100  # the signature is there, and whole:
        assert (frame[[3, -4]] > 100).all()
