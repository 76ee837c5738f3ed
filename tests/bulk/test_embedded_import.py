"""What `embed` wrote comes into an index as if `index build` had read the images."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sigsearch import SignatureIndex
from sigsearch.bulk import embed
from sigsearch.cli import main
from sigsearch.encoder import Encoder
from sigsearch.engine.importing import take_in
from sigsearch.errors import CalibrationError, IndexFault, SigsearchError
from sigsearch.synthesis import Writer

parquet = pytest.importorskip("pyarrow.parquet")
import pyarrow  # noqa: E402
from PIL import Image  # noqa: E402


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten writers of three signatures, two files that cannot be read, a copy, a folder around."""
    root = tmp_path_factory.mktemp("archive") / "scans"
    for seed in range(10):
        folder = root / ("hanoi" if seed % 2 else "paris") / f"writer {seed}"
        folder.mkdir(parents=True)
        for number in range(3):
            specimen = Writer.from_seed(700 + seed).specimen(number).page
            Image.fromarray(specimen).save(folder / f"{number}.png")
    (root / "hanoi" / "writer 1" / "bad.png").write_bytes(b"none")
    (root / "hanoi" / "writer 3" / "empty.png").touch()
    copy = (root / "paris" / "writer 2" / "0.png").read_bytes()
    (root / "paris" / "writer 2" / "copy.png").write_bytes(copy)
    return root


@pytest.fixture(scope="module")
def embedded(archive: Path, shipped: Encoder) -> Path:
    out = archive.parent / "embedded"
    embed(archive, out, shipped, parts=4)
    return out


def test_an_index_of_embed_and_import_answers_as_one_that_was_built(
    archive: Path, embedded: Path, shipped: Encoder, tmp_path: Path
) -> None:
    built, report = SignatureIndex.build(archive, tmp_path / "built", shipped)
    with SignatureIndex.create(tmp_path / "imported", shipped) as imported, built:
        assert take_in(imported.index, embedded, shipped.card) == report.enrolled == 30
        imported.follow_growth()
        assert list(imported.writers()) == list(built.writers())
        for writer in built.writers():
            pairs = zip(
                built.references(writer.name), imported.references(writer.name), strict=True
            )
            for own, other in pairs:
                assert (own.vector == other.vector).all()
                assert own.local.startswith(other.local)  # how they agree is found when asked
                told = own.to_dict(), other.to_dict()
                assert {**told[0], "enrolled_at": ""} == {**told[1], "enrolled_at": ""}
        assert imported.judge.population == built.judge.population
        questioned = [Writer.from_seed(700 + seed).specimen(8).page for seed in range(0, 12, 2)]
        for image in questioned:
            asked: list[Any] = [one.identify(image).to_dict() for one in (built, imported)]
            assert asked[0] == asked[1]
            answers = [one.verify(image, "writer 4").to_dict() for one in (built, imported)]
            assert answers[0] == answers[1]
        among = [
            one.identify(questioned[1], where={"folder": "paris"}).to_dict()
            for one in (built, imported)
        ]
        assert among[0] == among[1]


def test_the_command_says_what_it_passed_over(
    archive: Path, embedded: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    def run(*words: object) -> tuple[object, Any]:
        with pytest.raises(SystemExit) as stopped:
            main([*map(str, words), "--json"])
        return stopped.value.code, json.loads(capfd.readouterr().out)

    code, told = run("embed", archive, embedded)
    assert (code, told["made"], told["errors"], told["rows"]) == (2, 0, 2, 33)
    code, told = run("index", "import", embedded, "-i", tmp_path / "index")
    assert (code or 0, told["references_enrolled"], told["rows_with_an_error"]) == (0, 30, 2)
    assert run("index", "import", embedded, "-i", tmp_path / "index")[1][
        "references_enrolled"
    ] == 0  # fmt: skip
    code, told = run("embed", archive, embedded, "--shard", "3")
    assert (code, told["error"]["code"]) == (2, "usage")


CHANGES = {
    "a long vector": {"vector": [9.0] * 256},
    "no tokens": {"tokens": b""},
    "tokens of another encoder": {"tokens": b"abc"},
    "no hash": {"sha256": None},
    "no vector": {"vector": None},
    "a long name": {"writer": "x" * 300_000},
}


@pytest.mark.parametrize("change", CHANGES)
def test_one_row_that_is_no_reference_keeps_all_others_out(
    embedded: Path, shipped: Encoder, tmp_path: Path, change: str
) -> None:
    for path in sorted(embedded.glob("*.parquet")):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    table = parquet.read_table(path)
    rows = table.to_pylist()
    next(row for row in reversed(rows) if row["error"] is None).update(CHANGES[change])
    parquet.write_table(pyarrow.Table.from_pylist(rows, table.schema), tmp_path / path.name)
    with SignatureIndex.create(tmp_path / "index", shipped) as index:
        with pytest.raises(IndexFault, match=path.name):
            take_in(index.index, tmp_path, shipped.card)
        assert len(index) == 0


def test_a_folder_that_is_not_whole_or_not_sound_is_refused(
    embedded: Path, shipped: Encoder, tmp_path: Path
) -> None:
    (tmp_path / "none").mkdir()
    with SignatureIndex.create(tmp_path / "index", shipped) as index:
        with pytest.raises(IndexFault, match="no files"):
            take_in(index.index, tmp_path / "none", shipped.card)
        with pytest.raises(CalibrationError, match="holds no calibration"):
            take_in(index.index, embedded, shipped.card, with_calibration=True)
        first, *others = sorted(embedded.glob("*.parquet"))
        for path in others:
            (tmp_path / "none" / path.name).write_bytes(path.read_bytes())
        with pytest.raises(IndexFault, match=rf"1 of 4 parts are missing, such as {first.name}"):
            take_in(index.index, tmp_path / "none", shipped.card)
        sound = bytearray(first.read_bytes())
        sound[len(sound) // 3] ^= 0x55
        (tmp_path / "none" / first.name).write_bytes(sound)
        with pytest.raises(SigsearchError, match=first.name):
            take_in(index.index, tmp_path / "none", shipped.card)
        assert len(index) == 0
        assert take_in(index.index, first, shipped.card) > 0  # one part by itself
