"""Indexes of format 1, which the former code made: they work as they did, and can be migrated."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import pytest
from index_samples import reference, same

from sigsearch.errors import IndexCorrupt, IndexFault, IndexLocked
from sigsearch.index import WriterIndex
from sigsearch.index.care.decision_log import DecisionLog
from sigsearch.index.care.integrity import check_index
from sigsearch.index.care.migration import migrate_index
from sigsearch.index.care.repair import repair_index
from sigsearch.index.care.resealing import rekey
from sigsearch.index.local.manifest import read_manifest

pytest.importorskip("cryptography")

KEY, NEXT = bytes(range(32)), b"next" * 8
SEALED = Path(__file__).parent / "encrypted_of_format_1.zip"
PLAIN = Path(__file__).parents[1] / "engine" / "index_of_format_1.zip"


@pytest.fixture(params=["sealed", "named"])
def old(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """One of three writers was forgotten, three decisions were noted; "named" is verify-only."""
    with zipfile.ZipFile(SEALED) as archive:
        archive.extractall(tmp_path)
    found: Path = tmp_path / request.param
    return found


def holds(path: Path, key: bytes, entries: int = 3) -> None:
    """All that the former code put there."""
    with WriterIndex.open(path, key=key, read_only=True) as index:
        assert len(index) == 6
        for name in ("ann", "ký tên"):
            given = [reference(name, number) for number in range(3)]
            assert all(map(same, index.references(name), given))
            assert all(index.has(one.content_hash, name) for one in given)
            assert index.has(given[0].content_hash)
        assert not index.references_of(["bo"])[0]
        assert index.setting("calibration") == {"a": 1}
        assert [one.number for one in DecisionLog(index).entries()] == list(range(1, entries + 1))
        if not index.store.seal.verify_only:
            assert index.search(reference("ann").vector, 1, {"branch": "Hà Nội"}).writers == ["ann"]


def test_an_older_index_works_as_it_did_and_says_that_it_can_be_migrated(old: Path) -> None:
    holds(old, KEY)
    with WriterIndex.open(old, key=KEY) as index:
        assert index.enrol([reference("new")]) == 1
        assert DecisionLog(index).append("verify", {}).number == 4
        index.compact()
        assert index.forget("new") == 1
        assert index.info().format == 1
        with pytest.raises(IndexFault, match="index migrate"):
            rekey(index, NEXT)
    health = check_index(old, KEY)
    assert health.sound
    assert "index migrate" in health.notes[0]
    (old / "index.json").unlink()
    repair_index(old, KEY)
    assert read_manifest(old)["format"] == 1
    holds(old, KEY, entries=4)


def test_a_migrated_index_holds_what_it_held(old: Path) -> None:
    with WriterIndex.open(old, key=KEY) as stale:
        with pytest.raises(IndexLocked):
            migrate_index(old)
        assert migrate_index(old, KEY) == [1]
        assert migrate_index(old, KEY) == []
        assert len(stale.references("ann")) == 3  # by an object that was open before
    holds(old, KEY)
    assert sorted(one.name for one in old.glob("store-*")) == ["store-2"]
    assert check_index(old, KEY).notes == check_index(old, KEY).problems == ()
    with WriterIndex.open(old, key=KEY) as index:
        assert index.info().format == 2
        assert DecisionLog(index).append("verify", {}).number == 4
        rekey(index, NEXT)
    holds(old, NEXT, entries=4)


def test_a_kill_before_the_log_was_sealed_anew_costs_nothing(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(DecisionLog, "reseal", lambda self: None)
        migrate_index(old, KEY)
    holds(old, KEY)
    before = (old / "audit.log").read_bytes()
    assert migrate_index(old, KEY) == []
    assert (old / "audit.log").read_bytes() != before
    holds(old, KEY)


def test_a_plain_index_is_migrated_with_its_log(tmp_path: Path) -> None:
    with zipfile.ZipFile(PLAIN) as archive:
        archive.extractall(tmp_path)
    path = tmp_path / "index"
    with WriterIndex.open(path) as index:
        held = {one.name: index.references(one.name) for one in index.writers()}
        for number in range(3):
            DecisionLog(index).append("verify", {"n": number})
    head = (path / "audit.log").read_bytes()
    shutil.copytree(path, tmp_path / "damaged")
    assert migrate_index(path) == [1]
    with WriterIndex.open(path) as index:
        again = {one.name: index.references(one.name) for one in index.writers()}
        assert all(all(map(same, held[name], again[name])) for name in held)
        assert held.keys() == again.keys()
    assert (path / "audit.log").read_bytes() == head
    assert check_index(path).sound
    (path / "audit.log").write_bytes(head[: head.index(b"\n") + 1])
    assert "1 of 3 entries" in check_index(path).problems[0]
    damaged = tmp_path / "damaged"
    (damaged / "audit.log").write_bytes(head.replace(b'"n": 1', b'"n": 7'))
    with pytest.raises(IndexCorrupt, match="line 2"):
        migrate_index(damaged)
    assert read_manifest(damaged)["format"] == 1
