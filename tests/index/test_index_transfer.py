from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from index_samples import IDENTITY, reference, same

from sigsearch.errors import EncoderMismatch, IndexCorrupt, IndexFault, IndexMissing, VerifyOnly
from sigsearch.index import EncoderIdentity, WriterIndex
from sigsearch.index.care import migration
from sigsearch.index.care.decision_log import DecisionLog
from sigsearch.index.care.integrity import check_index
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


def test_the_audit_log_keeps_events_in_order_and_without_names(index: WriterIndex) -> None:
    log = DecisionLog(index)
    log.append("verify", {"decision": "match", "llr": 2.5}, ["ký tên"])
    log.append("identify", {"decision": "unknown"}, ["ann", "nobody"])
    entries = list(DecisionLog(index).entries())
    assert [(entry.number, entry.event) for entry in entries] == [(1, "verify"), (2, "identify")]
    assert entries[0].writers == tuple(index.numbers(["ký tên"]))
    assert entries[1].writers[1] is None
    assert "ký" not in (index.path / "audit.log").read_text(encoding="utf-8")


def _head(log: DecisionLog) -> str:
    return list(log.entries())[-1].hash


@pytest.mark.parametrize("change", ["alter", "drop", "swap", "cut"])
def test_tampering_with_the_audit_log_is_found(index: WriterIndex, change: str) -> None:
    log, path = DecisionLog(index), index.path / "audit.log"
    for number in range(4):
        log.append("verify", {"n": number})
    head, lines = _head(log), path.read_text().splitlines(keepends=True)
    if change == "alter":
        lines[1] = lines[1].replace('"n": 1', '"n": 7')
    elif change == "drop":
        del lines[1]
    elif change == "swap":
        lines[1:3] = lines[2:0:-1]
    else:
        del lines[3]
    path.write_text("".join(lines))
    if change == "cut":
        assert _head(log) != head
    else:
        with pytest.raises(IndexCorrupt, match="line 2"):
            list(log.entries())


def test_a_torn_last_line_was_never_acknowledged(index: WriterIndex) -> None:
    log, path = DecisionLog(index), index.path / "audit.log"
    log.append("verify", {"n": 1})
    path.write_bytes(path.read_bytes() + b'{"number": 2, "at"')
    assert len(list(log.entries())) == 1
    log.append("verify", {"text": "x" * 100_000})
    log.append("verify", {"n": 3})
    assert [entry.number for entry in log.entries()] == [1, 2, 3]


@pytest.mark.parametrize("key", [None, bytes(32)])
def test_no_bit_of_the_last_newline_costs_an_entry(tmp_path: Path, key: bytes | None) -> None:
    if key:
        pytest.importorskip("cryptography")
    with WriterIndex.create(tmp_path / "index", IDENTITY, key=key) as index:
        log, path = DecisionLog(index), index.path / "audit.log"
        for number in range(2):
            log.append("verify", {"n": number})
        whole = path.read_bytes()
        for bit in range(8):
            damaged = whole[:-1] + bytes([whole[-1] ^ 1 << bit])
            path.write_bytes(damaged)
            with pytest.raises(IndexCorrupt, match="end of the last line"):
                log.append("verify", {"n": 2})
            with pytest.raises(IndexCorrupt, match="end of the last line"):
                list(log.entries())
            assert "last line" in check_index(index.path, key).problems[0]
            assert path.read_bytes() == damaged
        for end in range(whole.index(b"\n") + 1, len(whole) - 1):
            path.write_bytes(whole[:end])  # a write that was cut short
            assert [entry.number for entry in log.entries()] == [1]
        assert check_index(index.path, key).sound


@pytest.mark.parametrize("line", [b"{}", b"7", b"[1]", b"null", b"\xff\x00", b'{"number": 2}', b""])
def test_a_damaged_last_line_is_named_and_kept(index: WriterIndex, line: bytes) -> None:
    log, path = DecisionLog(index), index.path / "audit.log"
    log.append("verify", {"n": 1})
    path.write_bytes(path.read_bytes() + line + b"\n")
    damaged = path.read_bytes()
    with pytest.raises(IndexCorrupt, match=r"audit\.log: (the last )?line"):
        log.append("verify", {"n": 2})
    assert path.read_bytes() == damaged


def test_the_audit_log_needs_nothing_that_windows_lacks(
    index: WriterIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr("os.pread", raising=False)
    for number in range(3):
        DecisionLog(index).append("verify", {"text": "x" * 70_000})
        assert number + 1 == len(list(DecisionLog(index).entries()))


def test_the_audit_log_of_an_encrypted_index_is_sealed(tmp_path: Path) -> None:
    pytest.importorskip("cryptography")
    with WriterIndex.create(tmp_path / "index", IDENTITY, key=bytes(32)) as index:
        log = DecisionLog(index)
        log.append("verify", {"decision": "match"})
        log.append("verify", {"decision": "non_match"})
        assert [entry.facts["decision"] for entry in log.entries()] == ["match", "non_match"]
        assert b"match" not in (index.path / "audit.log").read_bytes()


def test_what_is_not_there_is_not_migrated(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for name in ("nowhere", "empty"):
        with pytest.raises(IndexMissing, match="there is no index at"):
            migration.migrate_index(tmp_path / name)
    assert not list((tmp_path / "empty").iterdir())


def test_an_older_format_is_migrated_step_by_step(
    index: WriterIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    def step(root: Path, manifest: dict[str, Any]) -> dict[str, Any]:
        return {**manifest, "seen": [*manifest.get("seen", []), manifest["format"]]}

    root, manifest = index.path, json.loads((index.path / "index.json").read_text())["content"]
    index.close()
    write_document(root / "index.json", {**manifest, "format": -1})
    with pytest.raises(IndexFault, match="index migrate"):
        WriterIndex.open(root)
    with pytest.raises(IndexFault, match="cannot be converted"):
        migration.migrate_index(root)
    monkeypatch.setattr(migration, "STEPS", {-1: step, 0: step})
    assert migration.migrate_index(root) == [-1, 0]
    assert migration.migrate_index(root) == []
    with WriterIndex.open(root) as again:
        assert len(again) == 9
    write_document(root / "index.json", {**manifest, "format": 99})
    with pytest.raises(IndexFault, match="newer"):
        WriterIndex.open(root)
