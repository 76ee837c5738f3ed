"""What the key of an encrypted index binds, and what becomes of an index that gets another one."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import lmdb
import pytest
from index_samples import IDENTITY, reference
from outside import run

from sigsearch.errors import ErasureIncomplete, IndexCorrupt, IndexFull, IndexLocked, WriterUnknown
from sigsearch.index import WriterIndex
from sigsearch.index.care.decision_log import DecisionLog
from sigsearch.index.care.integrity import check_index
from sigsearch.index.care.proof import forget_with_proof
from sigsearch.index.care.resealing import rekey
from sigsearch.index.local.files import read_document, write_document

pytest.importorskip("cryptography")

KEY, NEXT = bytes(range(32)), b"next" * 8
NAMES = ["ann", "bob", "carl"]


@pytest.fixture(params=[False, True], ids=["searchable", "verify-only"])
def path(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    root = tmp_path / "index"
    with WriterIndex.create(root, IDENTITY, key=KEY, verify_only=request.param) as index:
        index.enrol([reference(name, number) for name in NAMES for number in range(4)])
        for number in range(3):
            DecisionLog(index).append("verify", {"n": number}, ["ann"])
    return root


def test_the_manifest_cannot_be_changed_without_the_key(path: Path) -> None:
    manifest = read_document(path / "index.json")
    sealing = manifest["sealing"]
    older = {name: said for name, said in sealing.items() if name != "wrapped"}
    for said in (
        {**sealing, "verify_only": not sealing["verify_only"]},
        {**sealing, "wrapped": "00" * 92},
        {**sealing, "wrapped": "00"},
        older,
    ):
        write_document(path / "index.json", {**manifest, "sealing": said})
        with pytest.raises((IndexCorrupt, IndexLocked), match=r"without its key|different key"):
            WriterIndex.open(path, key=KEY)
        assert not check_index_or_named(path)


def check_index_or_named(path: Path) -> bool:
    try:
        return check_index(path, KEY).sound
    except IndexLocked:
        return False


def test_the_state_cannot_be_written_without_the_key(path: Path) -> None:
    with lmdb.open(str(path / "store-1")) as env, env.begin(write=True) as transaction:
        stored = transaction.get(b"Mstate")
        number = transaction.id().to_bytes(8, "little")
        transaction.put(b"Mstate", number + stored[8:])
    with pytest.raises(IndexCorrupt, match="without the key"):
        WriterIndex.open(path, key=KEY)
    assert not check_index(path, KEY).sound


def test_an_index_with_a_new_key_holds_the_same_and_old_copies_stay_shut(path: Path) -> None:
    copy = path.with_name("copy")
    shutil.copytree(path, copy)
    with WriterIndex.open(path, key=KEY) as index, WriterIndex.open(path, key=KEY) as other:
        with pytest.raises(IndexLocked, match="already"):
            rekey(index, KEY)
        assert rekey(index, NEXT)
        assert len(index.references("bob")) == 4  # the object that changed it goes on
        with pytest.raises(IndexLocked, match="since it was opened"):
            other.references("bob")
        index.enrol([reference("dora")])
    with pytest.raises(IndexLocked, match="different key"):
        WriterIndex.open(path, key=KEY)
    with WriterIndex.open(path, key=NEXT) as index:
        assert len(index) == 13
        assert [one.number for one in DecisionLog(index).entries()] == [1, 2, 3]
        assert index.has(reference("carl", 2).content_hash)
    assert check_index(path, NEXT).sound
    with pytest.raises(IndexLocked):
        WriterIndex.open(copy, key=NEXT)
    stolen = read_document(path / "index.json")
    write_document(copy / "index.json", {**stolen, "store": "store-1"})
    with pytest.raises(IndexCorrupt):  # the new manifest opens no record of an old store
        WriterIndex.open(copy, key=NEXT)


def test_erasing_with_a_new_key_says_what_must_be_destroyed(path: Path) -> None:
    old_key = path.with_name("old key")
    with WriterIndex.open(path, key=KEY) as index:
        for refused in (KEY, b"short"):
            with pytest.raises(IndexLocked):
                forget_with_proof(index, "ann", new_key=refused)
        assert index.numbers(["ann"]) == [1]
        receipt = forget_with_proof(index, "ann", new_key=NEXT, old_key=str(old_key))
        with pytest.raises(WriterUnknown):
            index.references("ann")
    assert receipt.incomplete is None
    assert f"shred --remove '{old_key}'" in str(receipt.destroy)
    assert "copies of the old key" in " ".join(receipt.not_shown)
    with WriterIndex.open(path, key=NEXT) as index:
        assert len(index) == 8
        assert len(list(DecisionLog(index).entries())) == 3
    assert check_index(path, NEXT).sound


def test_a_plain_index_has_no_key_to_change(tmp_path: Path) -> None:
    with WriterIndex.create(tmp_path / "index", IDENTITY) as index:
        index.enrol([reference("ann")])
        with pytest.raises(IndexLocked, match="not encrypted"):
            forget_with_proof(index, "ann", new_key=NEXT)
        assert len(index) == 1


def test_a_full_disk_leaves_the_former_key_in_force(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise IndexFull("no room left")

    with WriterIndex.open(path, key=KEY) as index:
        monkeypatch.setattr("sigsearch.index.care.compaction.name_store", full)
        with pytest.raises(ErasureIncomplete, match="index rekey"):
            forget_with_proof(index, "ann", new_key=NEXT)
        monkeypatch.undo()
        assert len(index) == 8
        index.enrol([reference("dora")])
    assert not list(path.glob("store-*/spare"))
    with WriterIndex.open(path, key=KEY) as index:
        assert len(index) == 9
        assert rekey(index, NEXT)
    assert check_index(path, NEXT).notes == check_index(path, NEXT).problems == ()


STOPS = """
import os, sys
from pathlib import Path
from sigsearch.index import WriterIndex
from sigsearch.index.care import resealing
place, where = sys.argv[1:]
def stop(*_, **__): os._exit(9)
module, _, function = where.rpartition(".")
setattr(__import__(module, fromlist=["x"]), function, stop)
with WriterIndex.open(Path(place), key=bytes(range(32))) as index:
    resealing.rekey(index, b"next" * 8)
"""


@pytest.mark.parametrize(
    ("where", "changed"),
    [
        ("compaction.name_store", False),
        ("compaction.write_manifest", False),
        ("resealing.retire", True),
        ("resealing.erase_strays", True),
    ],
)
def test_a_kill_while_the_key_changes_leaves_one_that_opens(
    path: Path, where: str, changed: bool
) -> None:
    asked = [sys.executable, "-c", STOPS, path, f"sigsearch.index.care.{where}"]
    assert subprocess.run(asked).returncode == 9
    opens = NEXT if changed else KEY
    with WriterIndex.open(path, key=opens) as index:
        assert len(index) == 12
        index.enrol([reference("dora")])
        index.compact()
    health = check_index(path, opens)
    assert (health.problems, health.notes) == ((), ())
    assert len(list(path.glob("store-*"))) == 1


def test_the_console_makes_a_new_key_and_says_what_to_destroy(tmp_path: Path) -> None:
    key, root, receipt = tmp_path / "my.key", tmp_path / "index", tmp_path / "receipt.json"
    run("index", "new-key", key)
    with WriterIndex.create(root, IDENTITY, key=bytes.fromhex(key.read_text())) as index:
        index.enrol([reference(name) for name in NAMES])
    said = run("index", "erase", "ann", "--receipt", receipt, "-i", root, "--key-file", key)
    new = tmp_path / "my.key.new"
    assert f"shred --remove {key}" in said
    assert str(new) in said
    assert str(key) in json.loads(receipt.read_text())["content"]["destroy"]
    assert key.exists()
    assert new.stat().st_mode & 0o777 == 0o600
    assert "different key" in run("index", "check", "-i", root, "--key-file", key, code=2)
    last = tmp_path / "last.key"
    run("index", "new-key", last)  # one that is there is taken
    kept = last.read_text()
    run("index", "rekey", "-i", root, "--key-file", new, "--new-key-file", last)
    assert last.read_text() == kept
    run("index", "check", "-i", root, "--key-file", last)
    assert "not encrypted" in run(
        "index", "rekey", "-i", plain(tmp_path), "--new-key-file", last, code=2
    )


def plain(folder: Path) -> Path:
    WriterIndex.create(folder / "plain", IDENTITY).close()
    return folder / "plain"
