"""An index and a calibration of the first format: they open, and answer as they did.

The archive holds three of four writers (one was forgotten), the calibration that lay in the
encoder's folder, four questioned images, and what the former code said of them. Of the first two it
said "unknown"; there, today, another posture of the questioned image is looked at as well.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from small_encoder import make_encoder

from sigsearch import SignatureIndex
from sigsearch.encoder import Encoder
from sigsearch.engine.judge import Rates, keep_calibration
from sigsearch.matching.calibration import CalibrationSet

ARCHIVE = Path(__file__).parent / "index_of_format_1.zip"
WRITERS = ["anna", "bo", "émile o'neill", "李 雷"]


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("old")
    with zipfile.ZipFile(ARCHIVE) as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture(scope="module")
def its_encoder(old: Path) -> Encoder:
    folder = old / "encoder"
    folder.mkdir()
    encoder = make_encoder(folder, "patches-1")
    calibration = old / "calibration.json"
    keep_calibration(encoder, CalibrationSet.parse(calibration.read_bytes(), calibration))
    return encoder


@pytest.fixture(scope="module")
def index(old: Path, its_encoder: Encoder) -> Iterator[SignatureIndex]:
    with SignatureIndex.open(old / "index", encoder=its_encoder) as opened:
        yield opened


@pytest.fixture(scope="module")
def answers(old: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((old / "answers.json").read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("at", [2, 3])
def test_it_identifies_as_it_did(
    index: SignatureIndex, old: Path, answers: dict[str, Any], at: int
):
    found = index.identify(old / "questioned" / f"{at}.png").to_dict()
    expected = answers[f"identify {at}"]
    assert found["decision"] == expected["decision"]
    assert len(found["candidates"]) == len(expected["candidates"]) == 3
    for now, before in zip(found["candidates"], expected["candidates"], strict=True):
        if now["verification"] is None:  # not asked, since the first look spoke against them
            assert now["rank"] > 1
            assert before.pop("verification") == "non_match"
        assert {key: now[key] for key in before} == before


@pytest.mark.parametrize("at", [0, 2, 3])
def test_it_verifies_as_it_did(index: SignatureIndex, old: Path, answers: dict[str, Any], at: int):
    # No strength was asked for beside the rates then.
    rates = Rates(strength=1)
    found = index.verify(old / "questioned" / f"{at}.png", WRITERS[at], rates)
    expected = answers[f"verify {at}"]
    assert found.to_dict()["score"] == expected["score"]
    assert found.to_dict()["threshold"] == expected["threshold"]
    assert [one["score"] for one in found.to_dict()["references"]] == expected["references"]
    assert found.to_dict()["evidence"]["llr"] == expected["llr"]
    assert found.decision == expected["decision"]


def test_it_takes_new_writers(index: SignatureIndex, old: Path):
    index.enrol("newcomer", [old / "questioned" / "1.png"])
    assert set(WRITERS) - {"bo"} | {"newcomer"} == {w.name for w in index.writers()}
