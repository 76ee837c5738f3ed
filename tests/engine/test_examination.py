"""A report shows what the verdict used: nothing is encoded or read a second time for it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sigsearch import SignatureIndex
from sigsearch.encoder import Encoder
from sigsearch.engine import pair
from sigsearch.engine.judge import CALIBRATION, calibration_of
from sigsearch.imaging import read_signature
from sigsearch.matching.calibration import CalibrationSet
from sigsearch.report.case import Case, case_against_images, case_against_writer
from sigsearch.report.evidence import evidence_sheet


@pytest.fixture
def embedded(encoder: Encoder, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many images were encoded, call by call."""
    counts: list[int] = []
    embed = Encoder.embed

    def counted(self: Encoder, images: list[object], batch_size: int = 8) -> object:
        counts.append(len(images))
        return embed(self, images, batch_size)

    monkeypatch.setattr(Encoder, "embed", counted)
    return counts


def weighed_again(case: Case) -> float:
    fused, _ = case.judge.fused(case.reading, case.readings)
    return float(fused[0])


def test_a_sheet_against_a_writer_uses_the_readings_of_the_verdict(
    references: Path, encoder: Encoder, tmp_path: Path, embedded: list[int]
) -> None:
    with SignatureIndex.create(tmp_path / "index", encoder) as index:
        index.enrol("anna", [references / "anna" / f"{n}.png" for n in range(3)])
        embedded.clear()
        image = read_signature(references / "anna" / "4.png")
        examined = index.examine(image, "anna")
        assert examined.answer == index.verify(image, "anna")
        assert embedded == [1, 1]
        # Whoever enrols meanwhile does not change what the verdict rested on.
        index.enrol("anna", [references / "anna" / "3.png"])
        embedded.clear()
        case = case_against_writer(index, examined)
        assert "anna" in evidence_sheet(case)
    assert embedded == []
    assert len(case.references) == len(case.readings) == 3
    assert weighed_again(case) == pytest.approx(examined.answer.score)


def test_a_sheet_against_an_image_uses_the_readings_of_the_verdict(
    references: Path, encoder: Encoder, embedded: list[int]
) -> None:
    images = [read_signature(references / "bo" / f"{n}.png") for n in range(2)]
    examined = pair.examine(*images, encoder)
    assert examined.answer == pair.verify(*images, encoder)
    embedded.clear()
    case = case_against_images(examined, images[1:], encoder)
    assert "1.png" in evidence_sheet(case)
    assert embedded == []
    assert np.array_equal(case.readings.vectors, encoder.embed([images[1]]).vectors)
    assert weighed_again(case) == pytest.approx(examined.answer.score)


def test_a_calibration_is_parsed_once_until_it_is_another(
    encoder: Encoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = Encoder(replace(encoder.card, files={}), tmp_path, encoder._network)
    (tmp_path / CALIBRATION).write_bytes((encoder.folder / CALIBRATION).read_bytes())
    parsed: list[Path] = []
    parse = CalibrationSet.parse

    def counted(data: bytes, path: Path) -> CalibrationSet:
        parsed.append(path)
        return parse(data, path)

    monkeypatch.setattr(CalibrationSet, "parse", counted)
    assert calibration_of(own) is calibration_of(own)
    assert len(parsed) == 1
    text = (tmp_path / CALIBRATION).read_text(encoding="utf-8")
    (tmp_path / CALIBRATION).write_text(text.replace("\n", " \n"), encoding="utf-8")
    calibration_of(own)
    assert len(parsed) == 2
