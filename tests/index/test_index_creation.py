"""Nothing is ever created over something that is there."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from outside import IDENTITY, LONGEST, filled, holds, reference, run, sound, start

from sigsearch.index import WriterIndex
from sigsearch.index.care.integrity import check_index
from sigsearch.synthesis import Writer


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one writer's two signatures."""
    from PIL import Image

    folder = tmp_path_factory.mktemp("images")
    (folder / "newcomer").mkdir()
    for number in range(2):
        page = Writer.from_seed(7).specimen(number).page
        Image.fromarray(page).save(folder / "newcomer" / f"{number}.png")
    return folder


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exported")
    filled(folder / "index", 2)
    run("index", "export", folder / "out.parquet", "-i", folder / "index")
    return folder / "out.parquet"


def contents(path: Path) -> dict[str, bytes]:
    return {
        one.relative_to(path).as_posix(): one.read_bytes()
        for one in path.rglob("*")
        if one.is_file() and one.name not in ("lock.mdb", "writer.lock", "build.lock")
    }


def lose_manifest(path: Path) -> None:
    (path / "index.json").unlink()


def empty_manifest(path: Path) -> None:
    (path / "index.json").write_bytes(b"")


def lose_both_manifests(path: Path) -> None:
    (path / "index.json").unlink()
    (path / "index.copy.json").unlink()


def keep_only_the_copy(path: Path) -> None:
    (path / "index.json").unlink()
    shutil.rmtree(path / "store-1")


@pytest.mark.parametrize("verb", ["add", "build", "create", "import"])
@pytest.mark.parametrize("harm", [lose_manifest, empty_manifest])
def test_a_lost_manifest_never_costs_the_index(
    tmp_path: Path, images: Path, exported: Path, verb: str, harm
) -> None:
    path = tmp_path / "index"
    expected = filled(path)
    harm(path)
    before = contents(path)
    words: tuple[object, ...] = {
        "add": ("add", "newcomer", images / "newcomer" / "0.png"),
        "build": ("build", images),
        "create": ("create",),
        "import": ("import", exported),
    }[verb]
    said = run("index", *words, "-i", path, code=2)
    assert "repair" in said
    assert contents(path) == before
    run("index", "repair", "-i", path)
    assert holds(path) == expected
    sound(path)


@pytest.mark.parametrize("harm", [lose_both_manifests, keep_only_the_copy])
def test_whatever_is_left_of_an_index_is_named_and_kept(tmp_path: Path, harm) -> None:
    path = tmp_path / "index"
    filled(path, 2)
    harm(path)
    before = contents(path)
    for words in (("create",), ("info",), ("list",)):
        said = run("index", *words, "-i", path, code=2)
        assert "repair" in said
        assert next(iter(before)).split("/")[0] in said
        assert "index build" not in said
    assert contents(path) == before


def test_somebody_elses_folder_with_our_name_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "index"
    (path / "store-1").mkdir(parents=True)
    (path / "store-1" / "thesis.txt").write_text("years of work")
    said = run("index", "create", "-i", path, code=2)
    assert "store-1" in said
    assert contents(path) == {"store-1/thesis.txt": b"years of work"}
    assert not (path / "index.json").exists()


def test_an_index_is_made_where_nothing_is_or_nothing_of_its_own(tmp_path: Path) -> None:
    for name in ("absent", "empty", "foreign"):
        path = tmp_path / name
        if name != "absent":
            path.mkdir()
        if name == "foreign":
            (path / "notes.txt").write_text("mine")
            (path / "store-backup").mkdir()
        with WriterIndex.create(path, IDENTITY) as index:
            assert index.enrol([reference("ann", 0)]) == 1
        sound(path)
    assert (tmp_path / "foreign" / "notes.txt").read_text() == "mine"


def test_two_creations_at_once_make_one_index(tmp_path: Path, images: Path) -> None:
    path = tmp_path / "index"
    adding = [
        start("index", "add", name, images / "newcomer" / f"{n}.png", "-i", path)
        for n, name in enumerate(("ann", "bob"))
    ]
    assert [one.wait(timeout=LONGEST) for one in adding] == [0, 0], [
        one.communicate() for one in adding
    ]
    assert set(holds(path)) == {"ann", "bob"}


KILLED = """
import os, sys
from sigsearch.index import WriterIndex
sys.path.insert(0, sys.argv[2])
from handle import IDENTITY
real, calls = os.fsync, [0]
def fsync(descriptor):
    calls[0] += 1
    if calls[0] == int(sys.argv[3]):
        os._exit(9)
    real(descriptor)
os.fsync = fsync
WriterIndex.create(sys.argv[1], IDENTITY).close()
"""


def test_a_creation_that_was_killed_can_be_begun_again(tmp_path: Path) -> None:
    import subprocess
    import sys

    from outside import RELIABILITY

    for at in range(1, 12):
        path = tmp_path / str(at)
        words = [sys.executable, "-c", KILLED, str(path), str(RELIABILITY), str(at)]
        code = subprocess.run(words, timeout=LONGEST).returncode
        with WriterIndex.create(path, IDENTITY, exist_ok=True) as index:
            assert index.enrol([reference("ann", 0)]) == 1
        if code == 0:
            break
    else:
        pytest.fail("the creation never came to its end")
    assert at > 3
    for one in tmp_path.iterdir():
        assert check_index(one).problems == check_index(one).notes == ()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs FIFOs")
def test_a_manifest_that_is_no_plain_file_is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "index"
    filled(path, 2)
    whole = (path / "index.json").read_bytes()
    (path / "index.json").unlink()
    os.mkfifo(path / "index.json")
    assert "index.json" in run("index", "info", "-i", path, code=2)
    (path / "index.json").unlink()
    (tmp_path / "elsewhere").write_bytes(whole)
    (path / "index.json").symlink_to(tmp_path / "elsewhere")
    assert "index.json" in run("index", "info", "-i", path, code=2)
    assert json.loads((tmp_path / "elsewhere").read_text())["content"]["store"] == "store-1"
