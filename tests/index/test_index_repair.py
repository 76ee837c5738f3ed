"""`repair` takes the living store, keeps whatever is not proven to be superseded, and says why."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from outside import LONGEST, Live, expected, filled, holds, run, sound

from sigsearch.index import WriterIndex
from sigsearch.index.local.files import read_document, write_document
from sigsearch.index.local.ledger import Ledger


def names(path: Path) -> set[str]:
    return {one.name for one in path.iterdir()} - {"writer.lock", "build.lock"}


def test_repair_of_a_sound_index_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "index"
    truth = filled(path)
    before = names(path)
    said = run("index", "repair", "-i", path)
    assert "48 references of 12 writers" in said
    assert names(path) == before
    assert holds(path) == truth
    run("index", "erase", "writer 001", "-i", path, "--receipt", tmp_path / "receipt.json")


@pytest.mark.parametrize("late", [True, False], ids=["written to since", "nothing since"])
@pytest.mark.parametrize("lost", ["index.json", "index.copy.json", "both"])
def test_a_kill_between_the_two_writes_of_the_manifest(
    tmp_path: Path, late: bool, lost: str
) -> None:
    """The old store and the old copy of the manifest are still there, as after such a kill."""
    path = tmp_path / "index"
    truth = filled(path)
    shutil.copytree(path, tmp_path / "before")
    run("index", "compact", "-i", path)
    if late:
        with Live(path) as handle:
            handle.ask("enrol", ["late"], 3)
            handle.ask("forget", "writer 002")
        truth["late"] = expected("late", range(3))
        del truth["writer 002"]
    shutil.copytree(tmp_path / "before" / "store-1", path / "store-1")
    shutil.copy(tmp_path / "before" / "index.copy.json", path / "index.copy.json")
    for name in ("index.json", "index.copy.json") if lost == "both" else (lost,):
        (path / name).unlink()
    run("index", "repair", "-i", path)
    assert holds(path) == truth
    sound(path)
    run("index", "compact", "-i", path)
    assert holds(path) == truth


def test_a_draft_that_never_came_into_use_is_not_taken_for_the_living_store(
    tmp_path: Path,
) -> None:
    """Copied, killed before the manifest was swapped, written to since, both manifests lost."""
    path = tmp_path / "index"
    truth = filled(path)
    killed_before_the_swap(path)
    with Live(path) as handle:
        handle.ask("enrol", ["late"], 1)
    truth["late"] = expected("late", range(1))
    assert "store-2" in names(path)
    for name in ("index.json", "index.copy.json"):
        (path / name).unlink()
    run("index", "repair", "-i", path)
    assert holds(path) == truth
    sound(path)


KILLED = """
import os, sys
from sigsearch.index import WriterIndex
real = os.replace
def replace(source, target, **given):
    if str(target).endswith("index.json"):
        os._exit(9)
    real(source, target, **given)
with WriterIndex.open(sys.argv[1]) as index:
    os.replace = replace
    index.compact()
"""


def killed_before_the_swap(path: Path) -> None:
    import subprocess
    import sys

    done = subprocess.run([sys.executable, "-c", KILLED, str(path)], timeout=LONGEST)
    assert done.returncode == 9


@pytest.mark.parametrize("which", ["both", "index.json"])
def test_a_newer_format_is_refused(tmp_path: Path, which: str) -> None:
    path = tmp_path / "index"
    filled(path)
    for name in ("index.json", "index.copy.json"):
        if which in ("both", name):
            write_document(path / name, {**read_document(path / name), "format": 3})
    before = {one: one.read_bytes() for one in path.glob("index*.json")}
    shutil.copy(path / "store-1" / "data.mdb", tmp_path / "data.mdb")
    said = run("index", "repair", "-i", path, code=2)
    assert "format 3" in said
    assert before == {one: one.read_bytes() for one in path.glob("index*.json")}
    assert (tmp_path / "data.mdb").read_bytes() == (path / "store-1" / "data.mdb").read_bytes()


def test_two_stores_of_different_histories_are_both_kept(tmp_path: Path) -> None:
    path = tmp_path / "index"
    filled(path, 2)
    filled(tmp_path / "other", 20)
    shutil.copytree(tmp_path / "other" / "store-1", path / "store-5")
    stores = {name: (path / name / "data.mdb").read_bytes() for name in ("store-1", "store-5")}
    for name in ("index.json", "index.copy.json"):
        (path / name).unlink()
    told = json.loads(run("index", "repair", "-i", path, "--json", code=1))
    assert {one["name"] for one in told["kept"]} < set(stores)
    assert len(told["kept"]) == 1
    assert all((path / name / "data.mdb").exists() for name in stores)


def test_a_damaged_store_is_kept_with_the_reason(tmp_path: Path) -> None:
    path = tmp_path / "index"
    truth = filled(path)
    from outside import reference

    spoil(path, reference("writer 003", 1).local)
    told = json.loads(run("index", "repair", "-i", path, "--json", code=1))
    assert len(told["lost"]) == 1
    (kept,) = told["kept"]
    assert (path / kept["name"] / "data.mdb").exists()
    assert "damaged" in kept["why"]
    del truth["writer 003"][reference("writer 003", 1).content_hash]
    assert holds(path) == truth
    sound(path)
    again = json.loads(run("index", "repair", "-i", path, "--json"))
    assert again["lost"] == []
    assert (path / kept["name"] / "data.mdb").exists()


def spoil(path: Path, inside: bytes) -> None:
    (data,) = path.glob("store-*/data.mdb")
    whole = data.read_bytes()
    assert inside in whole
    data.write_bytes(whole.replace(inside, inside[::-1]))


def test_every_handle_notices_a_store_that_was_rebuilt(tmp_path: Path) -> None:
    path = tmp_path / "index"
    truth = filled(path)
    from outside import reference

    with Live(path) as handle:
        assert handle.ask("held") == truth
        spoil(path, reference("writer 003", 1).local)
        run("index", "repair", "-i", path, code=1)
        del truth["writer 003"][reference("writer 003", 1).content_hash]
        assert handle.ask("held") == truth
        handle.ask("enrol", ["late"], 1)
    truth["late"] = expected("late", range(1))
    assert holds(path) == truth
    sound(path)


def test_references_that_cannot_be_found_are_counted_even_without_a_state_record(
    tmp_path: Path,
) -> None:
    path = tmp_path / "index"
    filled(path, 3)
    with WriterIndex.open(path) as index:

        def lose(ledger: Ledger) -> None:
            for table in ("references", "vectors", "locals"):
                ledger.delete(table, (5).to_bytes(8, "big"))
            ledger.commit_change(ledger.state())

        index.store.change(lose)
        state = index.store.state().pack()
    spoil(path, state)
    told = json.loads(run("index", "repair", "-i", path, "--json", code=1))
    assert told["reference_count"] == 11
    assert any(one.startswith("1 reference") for one in told["lost"])


@pytest.mark.parametrize("harm", ["zeros", "gone"])
def test_a_store_of_which_nothing_is_left_is_named(tmp_path: Path, harm: str) -> None:
    """An older store is not taken in its place without a word."""
    path = tmp_path / "index"
    truth = filled(path)
    shutil.copytree(path / "store-1", tmp_path / "older")
    run("index", "compact", "-i", path)
    shutil.copytree(tmp_path / "older", path / "store-1")
    data = path / "store-2" / "data.mdb"
    if harm == "zeros":
        data.write_bytes(bytes(data.stat().st_size))
        assert "store-2" in run("index", "repair", "-i", path, code=2)
        shutil.move(path / "store-2", tmp_path / "spoilt")
    else:
        data.unlink()
    assert "store-2" in run("index", "repair", "-i", path, code=1)
    assert holds(path) == truth
    sound(path)
