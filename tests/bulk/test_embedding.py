"""An archive becomes files of embeddings: each input once, whatever was stopped, damaged or bad."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from drawn_pages import printed, put
from made_pdfs import pictures_pdf

from sigsearch.bulk import embed
from sigsearch.bulk.inputs import Asked, read_inputs
from sigsearch.bulk.units import part_of
from sigsearch.encoder import Encoder
from sigsearch.errors import ArgumentRefused, DatasetError, StorageFault
from sigsearch.synthesis import Writer

parquet = pytest.importorskip("pyarrow.parquet")
import pyarrow  # noqa: E402


def rows_in(out: Path) -> list[dict[str, Any]]:
    tables = [parquet.read_table(path) for path in sorted(out.glob("*.parquet"))]
    return [row for table in tables for row in table.to_pylist()]


@pytest.fixture(scope="module")
def embedded(shipped: Encoder, references: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("embedded") / "out"
    embed(references, out, shipped, parts=3)
    return out


def test_each_input_is_a_row_with_its_writer_and_reading(
    embedded: Path, shipped: Encoder, references: Path
) -> None:
    rows = rows_in(embedded)
    files = sorted(references.rglob("[0-9].png"))
    assert sorted(row["source"] for row in rows) == sorted(map(str, files))
    assert {Path(row["source"]).parent.name == row["writer"] for row in rows} == {True}
    for row in rows[:3]:
        vector = shipped.embed([row["source"]]).vectors[0]
        assert np.array_equal(np.array(row["vector"], np.float32), vector)
        assert (row["error"], row["encoder"], row["page"]) == (None, shipped.card.id, 1)


def test_a_second_run_makes_nothing(embedded: Path, shipped: Encoder, references: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in embedded.iterdir()}
    done = embed(references, embedded, shipped)
    assert (done.made, done.kept, done.parts) == (0, 3, 3)
    assert {path: path.stat().st_mtime_ns for path in embedded.iterdir()} == before


@pytest.mark.parametrize("place", [0.3, 0.6, 0.98])
def test_a_damaged_part_is_named_and_made_anew(
    shipped: Encoder, references: Path, tmp_path: Path, place: float
) -> None:
    embed(references / "bo", tmp_path / "out", shipped, writers=False, parts=2)
    part = max((tmp_path / "out").glob("*.parquet"), key=lambda one: one.stat().st_size)
    sound = part.read_bytes()
    at = int(place * len(sound))
    part.write_bytes(sound[:at] + bytes([sound[at] ^ 0x55]) + sound[at + 1 :])
    done = embed(references / "bo", tmp_path / "out", shipped, writers=False)
    assert (done.made, done.kept, len(done.damaged) + done.changed) == (1, 1, 1)
    assert place == 0.98 or part.name in done.damaged[0]
    assert part.read_bytes() == sound


def test_what_was_added_changes_its_own_part_alone(
    shipped: Encoder, references: Path, tmp_path: Path
) -> None:
    for name in ("bo", "anna"):
        (tmp_path / "in" / name).mkdir(parents=True)
        for number in range(2):
            image = (references / name / f"{number}.png").read_bytes()
            (tmp_path / "in" / name / f"{number}.png").write_bytes(image)
    embed(tmp_path / "in", tmp_path / "out", shipped, parts=5)
    more = (references / "bo" / "2.png").read_bytes()
    (tmp_path / "in" / "bo" / "2.png").write_bytes(more)
    done = embed(tmp_path / "in", tmp_path / "out", shipped)
    assert (done.made, done.changed, done.kept, done.rows) == (1, 1, 4, 5)


def test_what_a_kill_left_beside_a_part_goes_when_it_is_made(
    shipped: Encoder, references: Path, tmp_path: Path
) -> None:
    tmp_path.joinpath(".part-00001-of-00001.parquet.ab12.new").write_bytes(b"half")
    embed(references / "bo", tmp_path, shipped, writers=False)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "embed.json", "part-00001-of-00001.parquet",
    ]  # fmt: skip


def test_shards_share_the_parts_whoever_runs_first(
    embedded: Path, shipped: Encoder, references: Path, tmp_path: Path
) -> None:
    done = [embed(references, tmp_path, shipped, shard=(n, 2), parts=3) for n in (2, 1)]
    assert [one.parts for one in done] == [1, 2]
    for path in embedded.glob("*.parquet"):
        assert (tmp_path / path.name).read_bytes() == path.read_bytes()


def test_in_which_part_an_input_lands_depends_on_it_alone(references: Path) -> None:
    whole = read_inputs(str(references), Asked()).units
    alone = {unit.id: part_of(unit, 7) for unit in whole}
    again = {unit.id: part_of(unit, 7) for unit in reversed(whole)}
    assert alone == again
    by_writer = {(unit.writer, alone[unit.id]) for unit in whole}
    assert len(by_writer) == len({unit.writer for unit in whole})


def test_bad_files_are_rows_with_their_errors(
    shipped: Encoder, references: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "in" / "ann"
    folder.mkdir(parents=True)
    (folder / "0.png").write_bytes((references / "anna" / "0.png").read_bytes())
    (folder / "1.png").write_bytes(b"no picture")
    (folder / "2.png").touch()
    done = embed(tmp_path / "in", tmp_path / "out", shipped)
    errors = {Path(row["source"]).name: row["error"] for row in rows_in(tmp_path / "out")}
    assert errors.pop("0.png") is None
    assert (done.rows, done.errors) == (3, 2)
    assert sorted(error.split(":")[0] for error in errors.values()) == ["image", "not_an_image"]


def test_a_manifest_and_its_bad_rows(shipped: Encoder, references: Path, tmp_path: Path) -> None:
    manifest = tmp_path / "m.csv"
    manifest.write_text(
        f"path,writer,branch\n{references}/bo/0.png,bo,hanoi\nnowhere.png,bo,hanoi\n"
    )
    done = embed(manifest, tmp_path / "out", shipped)
    assert (done.rows, done.errors) == (2, 1)
    good = next(row for row in rows_in(tmp_path / "out") if row["error"] is None)
    assert (good["writer"], dict(good["metadata"])) == ("bo", {"branch": "hanoi"})


def test_rows_of_parquet_are_images(shipped: Encoder, references: Path, tmp_path: Path) -> None:
    images = [path.read_bytes() for path in sorted((references / "bo").glob("*.png"))]
    table = pyarrow.table({
        "image": [{"bytes": image, "path": None} for image in [*images, None]],
        "writer": ["bo", "bo", None, "bo", "bo", "bo", "bo", "bo"],
    })  # fmt: skip
    parquet.write_table(table, tmp_path / "in.parquet", row_group_size=3)
    done = embed(tmp_path / "in.parquet", tmp_path / "out", shipped, parts=2)
    rows = {row["id"]: row for row in rows_in(tmp_path / "out")}
    assert (done.inputs, done.rows, done.errors) == (8, 8, 1)
    assert sorted(rows) == [f"in.parquet#row={n}" for n in range(1, 9)]
    assert rows["in.parquet#row=3"]["writer"] == ""
    assert "no image" in rows["in.parquet#row=8"]["error"]
    parquet.write_table(pyarrow.table({"a": [1]}), tmp_path / "none.parquet")
    with pytest.raises(DatasetError, match="no column `image`"):
        embed(tmp_path / "none.parquet", tmp_path / "other", shipped)


def test_object_storage_is_read_and_written(
    shipped: Encoder, references: Path, tmp_path: Path
) -> None:
    fsspec = pytest.importorskip("fsspec")
    storage = fsspec.filesystem("memory")
    for path in (references / "bo").glob("*.png"):
        storage.pipe_file(f"/scans/bo/{path.name}", path.read_bytes())
    storage.pipe_file("/scans/readme.txt", b"none")
    for writers in (True, False):
        out = f"memory://out-{writers}"
        done = embed("memory://scans", out, shipped, writers=writers, parts=2)
        assert (done.rows, done.errors, done.left_out) == (5 if writers else 7, 0, 1)
        again = embed("memory://scans", out, shipped, writers=writers)
        assert (again.made, again.kept) == (0, 2)
        storage.get(f"/out-{writers}/", str(tmp_path / str(writers)), recursive=True)
    rows = rows_in(tmp_path / "True")
    assert {row["source"] for row in rows} >= {"memory://scans/bo/0.png"}
    with pytest.raises(DatasetError, match="nowhere"):
        embed("memory://nowhere/no", "memory://out", shipped)


def test_what_does_not_fit_is_refused(
    embedded: Path, encoder: Encoder, shipped: Encoder, references: Path, tmp_path: Path
) -> None:
    with pytest.raises(StorageFault, match="holds embeddings of the encoder"):
        embed(references, embedded, encoder)
    for shard in ((0, 2), (3, 2)):
        with pytest.raises(ArgumentRefused, match="shard"):
            embed(references, tmp_path, shipped, shard=shard)
    with pytest.raises(ArgumentRefused, match="another folder"):
        embed(references, references, shipped)
    (tmp_path / "embed.json").write_text("{")
    with pytest.raises(StorageFault, match="damaged"):
        embed(references, tmp_path, shipped)


def test_many_inputs_are_shared_with_other_processes(
    embedded: Path, shipped: Encoder, references: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    from sigsearch.bulk import on_cores

    monkeypatch.setattr(on_cores, "SPARED", 0)
    told: list[tuple[int, int]] = []
    embed(
        references, tmp_path, shipped, parts=3, workers=2,
        tell=lambda done, whole: told.append((done, whole)),
    )  # fmt: skip
    assert told[-1] == (len(rows_in(embedded)),) * 2
    for path in embedded.glob("*.parquet"):
        assert (tmp_path / path.name).read_bytes() == path.read_bytes()
    assert json.loads((tmp_path / "embed.json").read_text())["parts"] == 3


def test_of_a_document_each_signature_is_a_row_with_its_page_and_box(
    shipped: Encoder, tmp_path: Path
) -> None:
    pages = []
    for seed in (11, 12):
        ink = Writer.from_seed(seed, "latin").specimen(0).page
        pages.append(put(printed(lines=16), ink, 150, 1200))
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "contract.pdf").write_bytes(pictures_pdf(pages, dpi=150))
    done = embed(tmp_path / "in", tmp_path / "out", shipped, writers=False)
    rows = rows_in(tmp_path / "out")
    assert (done.inputs, done.rows, done.errors) == (1, 2, 0)
    assert [row["id"] for row in rows] == [
        f"contract.pdf#page={page}&signature=1" for page in (1, 2)
    ]
    for row in rows:
        assert row["source"] == f"{tmp_path}/in/{row['id']}"
        assert row["box"][1] > 1200
    alone = embed(tmp_path / "in" / "contract.pdf", tmp_path / "alone", shipped)
    assert alone.rows == 2
    second = embed(f"{tmp_path}/in/contract.pdf#page=2", tmp_path / "second", shipped)
    assert second.rows == 1
    assert rows_in(tmp_path / "second")[0]["vector"] == rows[1]["vector"]
