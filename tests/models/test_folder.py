"""Every file that ships is read by one loader, which knows what is in it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from small_encoder import make_encoder

from sigsearch.encoder import Encoder, shipped_folder
from sigsearch.engine.judge import CALIBRATION, calibration_of, keep_calibration, matcher_of
from sigsearch.errors import CalibrationError, ClassifierError, EncoderError
from sigsearch.imaging import segmentation
from sigsearch.models.folder import CARD_NAME, ModelFolder, hashes_of, write_card


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "net.onnx").write_bytes(b"weights")
    write_card(tmp_path / CARD_NAME, {"files": hashes_of(tmp_path, ["net.onnx"])})
    return tmp_path


def altered(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def test_what_the_card_lists_is_read(folder: Path):
    assert ModelFolder.of(folder).read("net.onnx") == b"weights"


def test_what_was_altered_or_is_not_listed_or_not_there_is_refused(folder: Path):
    opened = ModelFolder.of(folder)
    (folder / "other.onnx").write_bytes(b"weights")
    altered(folder / "net.onnx")
    for name in ("net.onnx", "other.onnx"):
        with pytest.raises(EncoderError, match=rf"{name}: its SHA-256 .* reinstall sigsearch"):
            opened.read(name)
    with pytest.raises(EncoderError, match=r"none\.onnx: cannot be read"):
        opened.read("none.onnx")


def test_each_room_raises_its_own_error(folder: Path):
    opened = ModelFolder(folder, {}, ClassifierError, "train it anew")
    with pytest.raises(ClassifierError, match="train it anew"):
        opened.read("net.onnx")


@pytest.mark.parametrize("text", ["", "[]", "{}", "no card"])
def test_a_card_of_no_use_is_named(folder: Path, text: str):
    (folder / CARD_NAME).write_text(text)
    with pytest.raises(EncoderError, match=r"card\.json: not a model card"):
        ModelFolder.of(folder)


def test_a_network_that_is_none_is_named(folder: Path):
    with pytest.raises(EncoderError, match=r"net\.onnx: cannot be opened"):
        ModelFolder.of(folder).open("net.onnx")


@pytest.mark.parametrize("name", ["encoder.onnx", "matcher.npz", CALIBRATION])
def test_every_file_of_the_shipped_encoder_is_checked(tmp_path: Path, name: str):
    copied = tmp_path / "weights"
    shutil.copytree(shipped_folder(), copied)
    altered(copied / name)

    def use() -> None:
        opened = Encoder.load(copied)
        matcher_of(opened)
        calibration_of(opened)

    with pytest.raises((EncoderError, CalibrationError), match=f"{name}: its SHA-256"):
        use()


def test_the_shipped_segmenter_is_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for name in ("segmenter.onnx", "segmenter.json"):
        shutil.copy(segmentation.WEIGHTS.with_name(name), tmp_path / name)
    altered(tmp_path / "segmenter.onnx")
    monkeypatch.setattr(segmentation, "WEIGHTS", tmp_path / "segmenter.onnx")
    segmentation._network.cache_clear()
    try:
        with pytest.raises(EncoderError, match=r"segmenter\.onnx: its SHA-256"):
            segmentation._network()
    finally:
        segmentation._network.cache_clear()


def test_a_calibration_is_parsed_once_and_listed_in_the_card(tmp_path: Path):
    encoder = make_encoder(tmp_path, "patches-3")
    first = calibration_of(encoder)
    assert calibration_of(encoder) is first
    assert CALIBRATION in encoder.card.files
    altered(tmp_path / CALIBRATION)
    with pytest.raises(CalibrationError, match=r"SHA-256 .*`sigsearch calibrate DATA"):
        calibration_of(encoder)
    keep_calibration(encoder, first)
    assert calibration_of(encoder).to_dict() == first.to_dict()
