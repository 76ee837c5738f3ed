"""Disk full, no permission, and damage: named, and the previous state whole."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from index_samples import IDENTITY, reference, same

from sigsearch.errors import IndexCorrupt, IndexFault, IndexMissing
from sigsearch.index import WriterIndex
from sigsearch.index.local.files import file_sha256, write_document

FILL = """
import os, resource, sys
sys.path.insert(0, sys.argv[2])
from index_samples import reference, vector
from sigsearch.errors import IndexFull
from sigsearch.index import Reference, WriterIndex
limit = os.path.getsize(sys.argv[1] + "/store-1/data.mdb") + (1 << 20)
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
with WriterIndex.open(sys.argv[1]) as index:
    stored = 1
    try:
        for number in range(100):
            heavy = Reference("bob", vector(number), os.urandom(100_000), f"{number:064x}")
            index.enrol([heavy, reference("bob", number)])
            stored += 2
    except IndexFull as fault:
        assert "disk is full" in str(fault) or "no room" in str(fault), fault
    assert stored < 201, "the limit was never met"
    assert len(index) == stored, (len(index), stored)
    assert [one.writer for one in index.references("ann")] == ["ann"]
    print(stored)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with WriterIndex.create(tmp_path / "index", IDENTITY) as made:
        made.enrol([reference("ann")])
    return tmp_path / "index"


@pytest.mark.skipif(sys.platform == "win32", reason="needs RLIMIT_FSIZE")
def test_a_full_disk_is_named_and_leaves_the_previous_state(path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FILL, str(path), os.path.dirname(__file__)],
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    with WriterIndex.open(path) as index:
        assert len(index) == int(done.stdout)
        assert index.enrol([reference("carl")]) == 1


SNAPSHOT = """
import os, resource, sys
sys.path.insert(0, sys.argv[2])
from test_index_structures import EACH, IDENTITY, WRITERS, cloud, references
from sigsearch.errors import IndexFull
from sigsearch.index import WriterIndex
from sigsearch.index.search.structures import choice
from sigsearch.index.search import searcher as search
choice.NUMPY_UP_TO, choice.EXACT_UP_TO, search.SNAPSHOT_FROM = 1, 2, 1
with WriterIndex.create(sys.argv[1], IDENTITY) as index:
    index.enrol(references(range(WRITERS * EACH)))
    for limit in (0, 1000, 9000, 20_000, 50_000):
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
        index.drop_cache()
        try:
            index.optimise()
        except IndexFull as fault:
            assert "disk is full" in str(fault) or "no room" in str(fault), fault
        else:
            raise AssertionError("a structure that is not on disk was reported as built")
        assert index.search(cloud()[7], 1)[0][0].writer == "w1"
        assert not [one for one in os.listdir(sys.argv[1]) if one.startswith("neigh")], limit
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs RLIMIT_FSIZE")
def test_a_disk_too_full_for_a_snapshot_leaves_an_index_without_one(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SNAPSHOT, str(tmp_path / "index"), os.path.dirname(__file__)],
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


@pytest.fixture
def shown() -> Iterator[Path]:
    """An index that anybody may read and nobody but its owner write."""
    folder = Path(tempfile.mkdtemp())
    with WriterIndex.create(folder / "index", IDENTITY) as made:
        made.enrol([reference("ann")])
    for one in [folder, *folder.rglob("*")]:
        one.chmod(0o555 if one.is_dir() else 0o444)
    yield folder / "index"
    for one in [folder, *folder.rglob("*")]:
        one.chmod(0o755)
    shutil.rmtree(folder)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_folder_without_permission_is_read_but_not_written(shown: Path) -> None:
    with WriterIndex.open(shown):
        pass  # all modules are imported before the child gives up its rights
    child = os.fork()
    if child == 0:
        os._exit(_as_nobody(shown))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def _as_nobody(path: Path) -> int:
    from sigsearch.errors import IndexReadOnly

    if os.geteuid() == 0:
        os.setuid(65534)
    try:
        with WriterIndex.open(path) as index:
            found = index.search(reference("ann").vector, 1)[0][0].writer
            if found != "ann" or not same(index.references("ann")[0], reference("ann")):
                return 1
            index.enrol([reference("bob")])
    except IndexReadOnly:
        return 0
    except BaseException:
        return 3
    return 2


def test_a_store_cut_short_is_found_at_open(path: Path) -> None:
    data = path / "store-1" / "data.mdb"
    whole = data.read_bytes()
    for size in (0, 100, 4096, 8191, 8192, len(whole) // 2, len(whole) - 1):
        data.write_bytes(whole[:size])
        with pytest.raises(IndexCorrupt, match=r"data\.mdb is damaged: it ends"):
            WriterIndex.open(path)
    data.unlink()
    with pytest.raises(IndexCorrupt, match="missing"):
        WriterIndex.open(path)


def test_a_damaged_manifest_is_found_and_a_missing_one_is_no_index(path: Path) -> None:
    manifest = path / "index.json"
    whole = manifest.read_bytes()
    for place in range(len(whole) - 1):
        manifest.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(IndexFault):
            WriterIndex.open(path)
    manifest.unlink()
    with pytest.raises(IndexCorrupt, match="repair"):
        WriterIndex.open(path)
    shutil.rmtree(path)
    with pytest.raises(IndexMissing):
        WriterIndex.open(path)


def test_an_older_meta_page_posing_as_the_newest_is_found(path: Path) -> None:
    data = path / "store-1" / "data.mdb"
    whole = bytearray(data.read_bytes())
    newest = max((int.from_bytes(whole[at : at + 8], "little"), at) for at in (144, 4240))
    for bit in range(64):
        damaged = bytearray(whole)
        damaged[newest[1] + bit // 8] ^= 1 << bit % 8
        data.write_bytes(damaged)
        with pytest.raises(IndexCorrupt, match="commit"):
            WriterIndex.open(path)


def test_a_flipped_byte_in_any_record_is_found_or_harmless(path: Path) -> None:
    """A sample; scripts/reliability/flipped_bytes.py does it everywhere."""
    data = path / "store-1" / "data.mdb"
    whole = data.read_bytes()
    harmless = 0
    places = [at for at in range(8192, len(whole)) if whole[at]]
    for place in places[:: max(1, len(places) // 150)]:
        data.write_bytes(whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :])
        try:
            with WriterIndex.open(path) as index:
                assert same(index.references("ann")[0], reference("ann"))
                assert [one.name for one in index.writers()] == ["ann"]
                harmless += 1
        except IndexCorrupt:
            pass
    assert harmless < 120


def test_a_damaged_snapshot_is_not_used(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sigsearch.index.search.searcher.SNAPSHOT_FROM", 1)
    with WriterIndex.open(path) as index:
        index.enrol([reference("bob")])
    (folder,) = path.glob("neighbours-*")
    with WriterIndex.open(path, read_only=True) as index:
        assert index.search(reference("bob").vector, 1)[0][0].writer == "bob"
    for file in (folder / "structure", folder / "owners.npy", path / "neighbours.json"):
        whole = file.read_bytes()
        file.write_bytes(whole[:-9] + bytes([whole[-9] ^ 0x40]) + whole[-8:])
        with WriterIndex.open(path, read_only=True) as index:
            found = index.search(reference("bob").vector, 2)[0]
            assert [near.writer for near in found] == ["bob", "ann"]
            assert found[0].similarity == pytest.approx(1.0)
        file.write_bytes(whole)


def test_a_snapshot_that_names_no_writers_is_not_used(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As an enemy leaves it, with hashes that fit."""
    monkeypatch.setattr("sigsearch.index.search.searcher.SNAPSHOT_FROM", 1)
    with WriterIndex.open(path) as index:
        index.enrol([reference("bob")])
    (owners,) = path.glob("neighbours-*/owners.npy")
    np.save(owners, np.full_like(np.load(owners), -5))
    manifest = json.loads((path / "neighbours.json").read_text())["content"]
    manifest["sha256"]["owners.npy"] = file_sha256(owners)
    write_document(path / "neighbours.json", manifest)
    with WriterIndex.open(path, read_only=True) as index:
        found = index.search(reference("bob").vector, 2)[0]
        assert [near.writer for near in found] == ["bob", "ann"]


def test_a_snapshot_of_another_history_is_not_used(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sigsearch.index.search.searcher.SNAPSHOT_FROM", 1)
    backup = path.with_name("backup")
    shutil.copytree(path, backup)
    for name, where in (("bob", path), ("carl", backup)):
        with WriterIndex.open(where) as index:
            index.enrol([reference(name)])
    shutil.copytree(path, backup, dirs_exist_ok=True, ignore=shutil.ignore_patterns("store-*"))
    with WriterIndex.open(backup) as index:
        found = index.search(reference("bob").vector, 2)[0]
        assert {near.writer for near in found} == {"ann", "carl"}
