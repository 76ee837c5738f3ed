"""What an exported file from elsewhere may bring into an index, and what it may not."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sigsearch import SignatureIndex
from sigsearch.encoder import Encoder
from sigsearch.engine.importing import take_in
from sigsearch.engine.judge import calibration_of
from sigsearch.errors import CalibrationError, IndexCorrupt, IndexFault

parquet = pytest.importorskip("pyarrow.parquet")
import pyarrow  # noqa: E402


@pytest.fixture(scope="module")
def exported(encoder: Encoder, references: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("exported")
    with SignatureIndex.create(folder / "index", encoder) as index:
        index.enrol("bo", sorted((references / "bo").glob("[0-9].png")))
        index.recalibrate(calibration_of(encoder))
        index.index.export(folder / "out.parquet")
    return parquet.read_table(folder / "out.parquet")


def altered(exported: Any, file: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    """The file with its calibration changed."""
    notes = dict(exported.schema.metadata)
    settings = json.loads(notes[b"sigsearch.settings"])
    change(settings["calibration"])
    notes[b"sigsearch.settings"] = json.dumps(settings).encode()
    parquet.write_table(exported.replace_schema_metadata(notes), file)
    return file


def test_tokens_that_are_none_are_refused_and_not_enrolled(
    exported: Any, encoder: Encoder, tmp_path: Path
) -> None:
    rows = exported.to_pylist()
    with SignatureIndex.create(tmp_path / "index", encoder) as index:
        for tokens in (
            b"",
            rows[1]["local"][:-1],
            rows[1]["local"] + b"x",
            rows[1]["local"] + b"S1" + bytes(40),
        ):
            changed = copy.deepcopy(rows)
            changed[1]["local"] = tokens
            table = pyarrow.Table.from_pylist(changed, exported.schema)
            parquet.write_table(table, tmp_path / "bad.parquet")
            with pytest.raises(IndexFault, match=r"bad\.parquet: row 2: .*tokens"):
                take_in(index.index, tmp_path / "bad.parquet", encoder.card)
            assert len(index) == 0


def test_tokens_cut_short_in_an_index_are_named_by_a_query(
    exported: Any, encoder: Encoder, references: Path, tmp_path: Path
) -> None:
    rows = exported.to_pylist()
    rows[1]["local"] = b"x"
    parquet.write_table(pyarrow.Table.from_pylist(rows, exported.schema), tmp_path / "a.parquet")
    with SignatureIndex.create(tmp_path / "index", encoder) as index:
        index.index.take_in(tmp_path / "a.parquet")
        with pytest.raises(IndexCorrupt, match=r"'bo'.*cut short"):
            index.verify(references / "bo" / "0.png", "bo")


def test_a_calibration_comes_along_on_request_and_is_named_in_answers(
    exported: Any, encoder: Encoder, references: Path, tmp_path: Path
) -> None:
    def shifted(document: dict[str, Any]) -> None:
        for one in document["calibrations"]:
            one["offset"] += 0.1

    file, questioned = altered(exported, tmp_path / "a.parquet", shifted), references / "bo/0.png"
    with SignatureIndex.create(tmp_path / "index", encoder) as index:
        assert take_in(index.index, file, encoder.card) == 5
        assert index.index.setting("calibration") is None
        plain = index.verify(questioned, "bo"), index.identify(questioned)
        assert take_in(index.index, file, encoder.card, with_calibration=True) == 0
        named = index.verify(questioned, "bo"), index.identify(questioned)
        index.recalibrate(calibration_of(encoder))
        again = index.verify(questioned, "bo"), index.identify(questioned)
    for answer in (*plain, *again):
        assert "own_calibration" not in [reason.code for reason in answer.reasons]
    for answer in named:
        assert "own_calibration" in [reason.code for reason in answer.reasons]
        assert not answer.capped_by or "own_calibration" not in answer.capped_by


def one_billion(document: dict[str, Any]) -> None:
    for one in document["calibrations"]:
        one["lower"], one["upper"], one["offset"] = -9.0, 9.0, 9.0


def no_number(document: dict[str, Any]) -> None:
    document["calibrations"][0]["rates"]["fmr"][3] = float("nan")


def up_and_down(document: dict[str, Any]) -> None:
    document["calibrations"][0]["rates"]["thresholds"].reverse()


def infinite(document: dict[str, Any]) -> None:
    document["calibrations"][-1]["offset"] = float("inf")


def rates_beyond(document: dict[str, Any]) -> None:
    document["calibrations"][0]["rates"]["fnmr"][-1] = 1.5


def of_another(document: dict[str, Any]) -> None:
    document["encoder"] = "another"


def no_calibration(document: dict[str, Any]) -> None:
    document.clear()


@pytest.mark.parametrize(
    "change",
    [one_billion, no_number, up_and_down, infinite, rates_beyond, of_another, no_calibration],
)
def test_a_calibration_that_cannot_have_been_measured_is_refused(
    exported: Any, encoder: Encoder, tmp_path: Path, change: Callable[[dict[str, Any]], None]
) -> None:
    file = altered(exported, tmp_path / "bad.parquet", change)
    with SignatureIndex.create(tmp_path / "index", encoder) as index:
        with pytest.raises(CalibrationError, match=r"bad\.parquet"):
            take_in(index.index, file, encoder.card, with_calibration=True)
        assert (len(index), index.index.setting("calibration")) == (0, None)
