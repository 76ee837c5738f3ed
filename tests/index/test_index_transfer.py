from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from index_samples import IDENTITY, reference, same

from sigsearch.errors import EncoderMismatch, IndexFault, IndexMissing, VerifyOnly
from sigsearch.index import EncoderIdentity, WriterIndex
from sigsearch.index.care import migration
from sigsearch.index.care.transfer import COLUMNS, export_index, identity_in, settings_in, take_in
from sigsearch.index.local.files import write_document

NAMES = ["ann", "ký tên", "a/b"]


def import_index(file: Path, path: Path) -> int:
    with WriterIndex.create(path, identity_in(file), exist_ok=True) as index:
        return take_in(index, file)


@pytest.fixture
def index(tmp_path: Path):
    with WriterIndex.create(tmp_path / "index", IDENTITY) as made:
        made.enrol([reference(name, n) for name in NAMES for n in range(3)])
        made.put_setting("calibration", {"a": [1.5]})
        yield made


def test_an_index_goes_out_to_parquet_and_comes_back_whole(
    index: WriterIndex, tmp_path: Path
) -> None:
    pytest.importorskip("pyarrow")
    file = tmp_path / "out.parquet"
    assert export_index(index, file) == 9
    assert import_index(file, tmp_path / "again") == 9
    assert import_index(file, tmp_path / "again") == 0
    with WriterIndex.open(tmp_path / "again", identity=IDENTITY) as again:
        assert again.setting("calibration") is None
        for name in NAMES:
            pairs = zip(index.references(name), again.references(name), strict=True)
            assert all(same(*pair) for pair in pairs)


def test_settings_come_along_only_on_request(index: WriterIndex, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    index.put_setting("population", {"writers": 3})
    export_index(index, tmp_path / "out.parquet")
    with WriterIndex.create(tmp_path / "new", IDENTITY) as new:
        new.put_setting("calibration", {"mine": 1})
        assert take_in(new, tmp_path / "out.parquet") == 9
        assert new.setting("calibration") == {"mine": 1}
        kept = {"calibration": settings_in(tmp_path / "out.parquet")["calibration"]}
        assert take_in(new, tmp_path / "out.parquet", settings=kept) == 0
        assert new.setting("calibration") == {"a": [1.5]}
        assert new.setting("population") is None


def test_the_parquet_file_is_plain_to_other_tools(index: WriterIndex, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    export_index(index, tmp_path / "out.parquet")
    table = parquet.read_table(tmp_path / "out.parquet")
    assert tuple(table.column_names) == COLUMNS
    first = table.to_pylist()[0]
    assert np.array_equal(np.array(first["vector"], np.float32), reference("ann").vector)
    assert dict(first["metadata"]) == {"branch": "Hà Nội"}


def test_import_refuses_what_is_no_export_or_of_another_encoder(
    index: WriterIndex, tmp_path: Path
) -> None:
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    parquet.write_table(arrow.table({"x": [1]}), tmp_path / "other.parquet")
    with pytest.raises(IndexFault, match="not exported by sigsearch"):
        import_index(tmp_path / "other.parquet", tmp_path / "new")
    export_index(index, tmp_path / "out.parquet")
    with WriterIndex.create(tmp_path / "other", EncoderIdentity("another", 1, 16)):
        pass
    with pytest.raises(EncoderMismatch):
        import_index(tmp_path / "out.parquet", tmp_path / "other")
    with (
        WriterIndex.create(tmp_path / "shut", IDENTITY, verify_only=True) as shut,
        pytest.raises(VerifyOnly),
    ):
        export_index(shut, tmp_path / "never.parquet")


def test_what_is_not_there_is_not_migrated(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for name in ("nowhere", "empty"):
        with pytest.raises(IndexMissing, match="there is no index at"):
            migration.migrate_index(tmp_path / name)
    assert not list((tmp_path / "empty").iterdir())


def test_an_older_format_is_migrated_step_by_step(
    index: WriterIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    def step(root: Path, key: bytes | None, wait: float) -> None:
        former = json.loads((root / "index.json").read_text())["content"]
        write_document(root / "index.json", {**former, "format": former["format"] + 1})

    root, manifest = index.path, json.loads((index.path / "index.json").read_text())["content"]
    index.close()
    write_document(root / "index.json", {**manifest, "format": -1})
    with pytest.raises(IndexFault, match="index migrate"):
        WriterIndex.open(root)
    with pytest.raises(IndexFault, match="cannot be converted"):
        migration.migrate_index(root)
    monkeypatch.setattr(migration, "STEPS", {-1: step, 0: step, **migration.STEPS})
    assert migration.migrate_index(root) == [-1, 0, 1]
    assert migration.migrate_index(root) == []
    with WriterIndex.open(root) as again:
        assert len(again) == 9
    write_document(root / "index.json", {**manifest, "format": 99})
    with pytest.raises(IndexFault, match="newer"):
        WriterIndex.open(root)
