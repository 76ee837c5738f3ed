"""An encoder of one's own gets a calibration, and is never judged by another's."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from sigsearch import SignatureIndex
from sigsearch.calibration.first import calibrate_encoder
from sigsearch.cli.app import app
from sigsearch.datasets import Protocol
from sigsearch.encoder import Encoder
from sigsearch.engine.judge import CALIBRATION, Judge, Rates
from sigsearch.engine.pair import verify
from sigsearch.errors import CalibrationError
from sigsearch.trials.encoder_scorer import EncoderScorer

LOOSE = ("--fmr", "0.3", "--fnmr", "0.3")


@pytest.fixture
def retrained(encoder: Encoder, tmp_path: Path) -> Encoder:
    """The small encoder under another id, in a folder that still has the former's calibration."""
    folder = tmp_path / "retrained"
    shutil.copytree(encoder.folder, folder)
    return Encoder(replace(encoder.card, id="patches-2"), folder, encoder._network)


@pytest.fixture
def bare(retrained: Encoder) -> Encoder:
    (retrained.folder / CALIBRATION).unlink()
    return retrained


def calibrate(encoder: Encoder, monkeypatch: pytest.MonkeyPatch, *words: object) -> Result:
    monkeypatch.setattr(Encoder, "load", lambda _folder=None, **_more: encoder)
    return CliRunner().invoke(
        app, ["calibrate", "--encoder", str(encoder.folder), *map(str, words)]
    )


def test_without_a_calibration_the_command_that_makes_one_is_named(bare: Encoder):
    command = f"`sigsearch calibrate DATA --encoder {bare.folder}`"
    with pytest.raises(CalibrationError, match=r"has no calibration\.json") as fault:
        Judge.of(bare)
    assert command in str(fault.value)


def test_another_encoder_s_calibration_is_refused(retrained: Encoder):
    said = r"calibration\.json was fitted for the encoder 'patches-1', not for 'patches-2'; fit"
    for use in (Judge.of, EncoderScorer):
        with pytest.raises(CalibrationError, match=said):
            use(retrained)


def test_an_index_does_not_take_another_encoder_s_calibration(encoder: Encoder, tmp_path: Path):
    with SignatureIndex.create(tmp_path / "index", encoder) as index:
        before = index.judge
        with pytest.raises(CalibrationError, match="fitted for the encoder 'other'"):
            index.recalibrate(replace(before.calibrations, encoder="other"))
        assert index.judge is before
        assert index.index.setting("calibration") is None


def test_the_first_calibration_is_kept_with_the_encoder(
    bare: Encoder, references: Path, monkeypatch: pytest.MonkeyPatch
):
    done = calibrate(bare, monkeypatch, references, *LOOSE, "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["file"] == str(bare.folder / CALIBRATION)
    assert {(c["fmr_before"], c["cllr_before"]) for c in told["changes"]} == {(None, None)}
    assert {c["proposition"] for c in told["changes"]} == {"skilled", "random", "both"}
    assert Judge.of(bare).calibrations.encoder == "patches-2"
    images = references / "bo" / "0.png", references / "bo" / "1.png"
    assert (
        verify(*images, bare, Rates(0.3, 0.3, strength=1.2)).evidence.calibrated_on
        == references.name
    )
    kept = (bare.folder / CALIBRATION).read_bytes()
    again = calibrate(bare, monkeypatch, references, *LOOSE, "--name", "again")
    assert "was not kept" in again.stderr
    assert (bare.folder / CALIBRATION).read_bytes() == kept


def test_it_takes_the_place_of_another_encoder_s(
    retrained: Encoder, references: Path, monkeypatch: pytest.MonkeyPatch
):
    done = calibrate(retrained, monkeypatch, references, *LOOSE)
    assert "- -> " in done.stdout
    assert f"kept in {retrained.folder / CALIBRATION}" in done.stdout.replace("\n", "")
    assert Judge.of(retrained).calibrations.encoder == "patches-2"


def test_too_little_data_leaves_the_encoder_without(
    bare: Encoder, references: Path, monkeypatch: pytest.MonkeyPatch
):
    # 12 forgeries, though in five draws of references each.
    done = calibrate(bare, monkeypatch, references, "--fmr", 0.2, "--fnmr", 0.3)
    assert isinstance(done.exception, CalibrationError)
    assert "supports fmr 0.25" in str(done.exception)
    assert not (bare.folder / CALIBRATION).exists()


def test_without_forgeries_the_fusion_is_learned_from_other_writers(
    bare: Encoder, references: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    genuine = tmp_path / "genuine"
    shutil.copytree(references, genuine, ignore=shutil.ignore_patterns("forgery*"))
    done = calibrate(bare, monkeypatch, genuine, *LOOSE)
    assert done.exit_code == 0, done.output
    assert {c.proposition for c in Judge.of(bare).calibrations.calibrations} == {"random"}
    # Forgeries may come later: what is new has nothing before it.
    later = calibrate(bare, monkeypatch, references, *LOOSE, "--json")
    before = {(c["proposition"], c["fmr_before"] is None)
              for c in json.loads(later.stdout)["changes"]}  # fmt: skip
    assert before == {("skilled", True), ("random", False), ("both", True)}


def test_a_set_without_validation_writers_is_passed_over(
    bare: Encoder, references: Path, tmp_path: Path
):
    left_out = tmp_path / "left-out"
    shutil.copytree(references, left_out)
    writers = sorted(folder.name for folder in references.iterdir())
    sets = {
        references.name: {"train": [], "validation": writers, "test": []},
        left_out.name: {"train": [], "validation": [], "test": writers},
    }
    known = tmp_path / "known.json"
    known.write_text(json.dumps({"name": "known", "about": "", "datasets": sets}))
    found = calibrate_encoder(bare, [references, left_out], Protocol.load(str(known)))
    assert {c.writer_count for c in found.calibrations} == {len(writers)}


def test_training_writers_ask_as_strangers_and_are_not_claimed(
    bare: Encoder, references: Path, tmp_path: Path
):
    writers = sorted(folder.name for folder in references.iterdir())
    claimed, others = writers[:-1], writers[-1:]
    found = []
    for train in ([], others):
        sets = {references.name: {"train": train, "validation": claimed, "test": []}}
        path = tmp_path / "some.json"
        path.write_text(json.dumps({"name": "some", "about": "", "datasets": sets}))
        found.append(calibrate_encoder(bare, [references], Protocol.load(str(path))))
    for before, after in zip(*(f.calibrations for f in found), strict=True):
        assert after.writer_count == before.writer_count == len(claimed)
        assert after.mated == before.mated
        more = after.non_mated > before.non_mated
        assert more == (after.proposition == "random") or after.proposition == "both"
