"""An index touches only what it made itself, and only inside its own folder."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from outside import filled, holds, run, run_all, sound

from sigsearch.errors import IndexFault
from sigsearch.index import WriterIndex
from sigsearch.index.care.decision_log import DecisionLog
from sigsearch.index.local.files import read_document, write_document

TREASURE = b"not the index's own\n" * 1000

pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs links")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    filled(tmp_path / "index", 4)
    return tmp_path / "index"


@pytest.fixture
def victim(tmp_path: Path) -> Path:
    """Somebody else's folder, which looks like a store, with files that must stay as they are."""
    folder = tmp_path / "victim"
    (folder / "store-1").mkdir(parents=True)
    for name in ("data.mdb", "lock.mdb", "letters.txt", "owners.npy", "structure"):
        (folder / name).write_bytes(TREASURE)
        (folder / "store-1" / name).write_bytes(TREASURE)
    return folder


def untouched(victim: Path) -> None:
    files = [one for one in victim.rglob("*") if one.is_file()]
    assert len(files) == 10
    assert all(one.read_bytes() == TREASURE for one in files)


def all_moves(path: Path) -> str:
    """Everything that rewrites, erases or looks; what was said."""
    receipt = path.parent / "receipt.json"
    told = run_all(
        *(("index", verb, "-i", path) for verb in ("check", "compact", "repair", "optimise")),
        ("index", "erase", "writer 001", "-i", path, "--receipt", receipt),
        ("index", "compact", "-i", path),
    )
    assert not any("this is a bug" in said for _, said in told), told
    return "".join(said for _, said in told)


@pytest.mark.parametrize(
    "name", ["store-9", "neighbours-9", "neighbours-9-0123abcd", "store-2.new"]
)
def test_a_link_with_our_name_is_not_followed(path: Path, victim: Path, name: str) -> None:
    (path / name).symlink_to(victim)
    said = all_moves(path)
    untouched(victim)
    assert (path / name).is_symlink()
    assert name in said
    (path / name).unlink()
    sound(path)


@pytest.mark.parametrize("name", ["data.mdb", "lock.mdb"])
def test_a_link_in_a_store_is_not_followed(path: Path, victim: Path, name) -> None:
    shutil.copytree(path / "store-1", path / "store-9")
    (path / "store-9" / name).unlink()
    (path / "store-9" / name).symlink_to(victim / name)
    (path / "store-9" / "spare").touch()
    all_moves(path)
    untouched(victim)
    (path / "store-1" / name).unlink(missing_ok=True)
    current = path / read_document(path / "index.json")["store"]
    (current / name).unlink()
    (current / name).symlink_to(victim / name)
    assert name in run("index", "info", "-i", path, code=2)
    untouched(victim)


@pytest.mark.parametrize("name", ["writer.lock", "build.lock", "index.json.new"])
@pytest.mark.parametrize("kind", ["symbolic", "hard"])
def test_no_file_of_ours_leads_to_another_one(
    path: Path, victim: Path, name: str, kind: str
) -> None:
    (path / name).unlink(missing_ok=True)
    if kind == "symbolic":
        (path / name).symlink_to(victim / "letters.txt")
    else:
        os.link(victim / "letters.txt", path / name)
    all_moves(path)
    untouched(victim)


def test_a_hard_link_is_let_go_of_and_not_overwritten(path: Path, victim: Path) -> None:
    (path / "store-9").mkdir()
    (path / "store-9" / "spare").touch()
    os.link(victim / "data.mdb", path / "store-9" / "data.mdb")
    assert not json.loads(run("index", "compact", "-i", path, "--json"))["overwritten"]
    untouched(victim)
    assert not (path / "store-9").exists()


@pytest.mark.parametrize("place", ["../victim/store-1", "../victim", "store-1/../../victim", ""])
def test_a_manifest_leads_nowhere_else(path: Path, victim: Path, place) -> None:
    truth = holds(path)
    for name in ("index.json", "index.copy.json"):
        manifest = read_document(path / name)
        write_document(path / name, {**manifest, "store": place})
    all_moves(path)
    untouched(victim)
    del truth["writer 001"]
    assert holds(path) == truth
    sound(path)


def test_a_search_manifest_leads_nowhere_else(path: Path, victim: Path) -> None:
    write_document(
        path / "neighbours.json",
        {"folder": "../victim", "kind": "numpy exact", "state": "00" * 64, "sha256": {}},
    )
    all_moves(path)
    untouched(victim)
    sound(path)


def test_what_is_not_ours_stays_and_is_named(path: Path, tmp_path: Path) -> None:
    foreign = ["store-backup-2024", "store-01", "neighbours-old", "damaged", "store-", "Store-7"]
    for name in foreign:
        (path / name).mkdir()
        (path / name / "data.mdb").write_bytes(TREASURE)
    (path / "notes.txt").write_bytes(TREASURE)
    (path / "store-1" / "mine.txt").write_bytes(TREASURE)
    os.mkfifo(path / "store-5")
    said = all_moves(path)
    assert all(name in said for name in (*foreign, "notes.txt", "mine.txt", "store-5"))
    for name in foreign:
        assert (path / name / "data.mdb").read_bytes() == TREASURE
    assert (path / "notes.txt").read_bytes() == TREASURE
    (mine,) = path.glob("*/mine.txt")
    assert mine.read_bytes() == TREASURE


def test_a_store_that_is_not_known_to_be_superseded_stays(path: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    filled(other, 3, 3)
    shutil.copytree(other / "store-1", path / "store-7")
    before = (path / "store-7" / "data.mdb").read_bytes()
    said = all_moves(path)
    assert "store-7" in said
    assert (path / "store-7" / "data.mdb").read_bytes() == before


@pytest.mark.parametrize("verb", ["receipt", "export"])
@pytest.mark.parametrize("kind", ["fifo", "folder", "link to a device"])
def test_a_receipt_or_an_export_replaces_nothing_but_plain_files(
    path: Path, tmp_path: Path, verb: str, kind: str
) -> None:
    place = tmp_path / "place"
    if kind == "fifo":
        os.mkfifo(place)
    elif kind == "folder":
        place.mkdir()
    else:
        place.symlink_to("/dev/null")
    before = os.lstat(place)
    words = ("erase", "writer 001", "--receipt") if verb == "receipt" else ("export",)
    said = run("index", *words, place, "-i", path, code=2)
    assert "place" in said
    assert (os.lstat(place).st_ino, os.lstat(place).st_mode) == (before.st_ino, before.st_mode)
    assert "writer 001" in holds(path)


def test_a_receipt_or_an_export_leaves_what_lies_beside_it(path: Path, tmp_path: Path) -> None:
    beside = [tmp_path / "receipt.json.new", tmp_path / "out.parquet.new"]
    for one in beside:
        one.write_bytes(TREASURE)
    run("index", "export", tmp_path / "out.parquet", "-i", path)
    run("index", "erase", "writer 001", "--receipt", tmp_path / "receipt.json", "-i", path)
    assert all(one.read_bytes() == TREASURE for one in beside)
    assert len(list(tmp_path.iterdir())) == 5


def test_the_log_of_decisions_is_no_way_out(path: Path, victim: Path) -> None:
    (path / "audit.log").symlink_to(victim / "letters.txt")
    with WriterIndex.open(path) as index, pytest.raises(IndexFault, match=r"audit\.log"):
        DecisionLog(index).append("verify", {})
    untouched(victim)
