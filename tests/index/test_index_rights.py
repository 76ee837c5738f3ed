"""Who may read an index and its key, and how those read it who must not write."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import stat
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from index_samples import IDENTITY, reference
from outside import run_all

from sigsearch.errors import IndexFault, IndexReplaced, SigsearchError
from sigsearch.index import EncoderIdentity, WriterIndex
from sigsearch.index.care.decision_log import DecisionLog
from sigsearch.index.care.integrity import check_index
from sigsearch.index.care.migration import migrate_index
from sigsearch.index.care.repair import repair_index

fcntl = pytest.importorskip("fcntl", reason="permissions and locks of POSIX")


def modes(root: Path) -> dict[str, int]:
    found = [root, *root.rglob("*")]
    return {one.name: stat.S_IMODE(one.stat().st_mode) for one in found}


def exercised(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An index with a file of every kind, and of every way in which one is made."""
    monkeypatch.setattr("sigsearch.index.search.searcher.SNAPSHOT_FROM", 1)
    with WriterIndex.open(path) as index:
        index.enrol([reference("ann", number) for number in range(9)])
        DecisionLog(index).append("verify", {"n": 1})
        index.compact()
        index.optimise()


def test_an_index_is_its_owners_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = os.umask(0)
    try:
        with WriterIndex.create(tmp_path / "made" / "index", IDENTITY):
            pass
        exercised(tmp_path / "made" / "index", monkeypatch)
    finally:
        os.umask(before)
    found = modes(tmp_path / "made" / "index")
    assert {"audit.log", "lock.mdb", "data.mdb", "structure", "writer.lock"} <= set(found)
    folders = {name: mode for name, mode in found.items() if mode & stat.S_IXUSR}
    assert set(folders.values()) == {0o700}
    assert {mode for name, mode in found.items() if name not in folders} == {0o600}


def test_what_an_owner_gives_to_others_stays_theirs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "index"
    with WriterIndex.create(path, IDENTITY):
        pass
    for one in [path, *path.rglob("*")]:
        one.chmod(0o750 if one.is_dir() else 0o640)
    before = os.umask(0o077)
    try:
        exercised(path, monkeypatch)
    finally:
        os.umask(before)
    found = modes(path)
    assert found["store-2"] == found[next(n for n in found if n.startswith("neighbours-"))] == 0o750
    for name in ("index.json", "index.copy.json", "data.mdb", "structure", "neighbours.json"):
        assert found[name] == 0o640, name


def test_an_empty_key_never_means_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = {"empty": "", "blank": " \n\t\n", "short": "ab" * 31, "long": "ab" * 33, "text": "key"}
    for name, text in keys.items():
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o600)
    (tmp_path / "shown").write_text("ab" * 32)
    (tmp_path / "shown").chmod(0o644)
    places = [*(tmp_path / name for name in keys), "/dev/null", tmp_path / "shown", tmp_path]
    made = tmp_path / "index"
    said = run_all(
        *(("index", "create", "-i", made, "--key-file", place) for place in places),
        ("index", "list", "-i", made),
    )
    for place, (code, told) in zip(places, said, strict=False):
        assert code == 2, (place, told)
        assert str(place) in told
        assert "chmod 600" in told if place == tmp_path / "shown" else "64 hex digits" in told
    assert "there is no index" in said[-1][1]
    for text in ("", "  "):
        monkeypatch.setenv("SIGSEARCH_INDEX_KEY", text)
        ((code, told),) = run_all(("index", "create", "-i", made))
        assert (code, "SIGSEARCH_INDEX_KEY does not hold a key" in told) == (2, True)
    assert not made.exists()


@pytest.fixture
def shown() -> Iterator[Path]:
    """An index that anybody may read, and that only its owner may write."""
    folder = Path(tempfile.mkdtemp())
    with WriterIndex.create(folder / "index", IDENTITY) as made:
        made.enrol([reference("ann", number) for number in range(40)])
    for one in [folder, *folder.rglob("*")]:
        one.chmod(0o755 if one.is_dir() else 0o644)
    yield folder / "index"
    shutil.rmtree(folder)


def _read_as_nobody(path: Path, seconds: float, ready: multiprocessing.Event) -> None:  # type: ignore[valid-type]
    os.setuid(65534)
    end, reads = time.monotonic() + seconds, 0
    while time.monotonic() < end or reads < 50:
        with WriterIndex.open(path, read_only=True) as index:
            for _ in range(10):
                assert len(index.references("ann")) == 40
                assert next(iter(index.writers())).name == "ann"
                reads += 1
                ready.set()


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="needs another user")
def test_a_reader_without_the_right_to_write_is_not_disturbed_by_a_writer(shown: Path) -> None:
    with WriterIndex.open(shown):
        pass  # all modules are imported before the child gives up its rights
    context = multiprocessing.get_context("fork")
    ready = context.Event()
    readers = [context.Process(target=_read_as_nobody, args=(shown, 2, ready)) for _ in range(2)]
    for reader in readers:
        reader.start()
    assert ready.wait(100)
    with WriterIndex.open(shown, wait=60, sync="lazy") as index:
        number = 0
        while any(reader.is_alive() for reader in readers):
            index.enrol([reference("bob", n) for n in range(20)])
            index.forget("bob")
            number += 1
            if number % 20 == 0:
                index.compact(patience=0.1)
    for reader in readers:
        reader.join()
        assert reader.exitcode == 0


def _refused_as_nobody(path: Path) -> None:
    os.setuid(65534)
    with pytest.raises(IndexFault, match=r"writer\.lock"):
        WriterIndex.open(path, read_only=True)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="needs another user")
def test_who_cannot_read_safely_is_told_so(shown: Path) -> None:
    (shown / "writer.lock").chmod(0o600)
    context = multiprocessing.get_context("fork")
    child = context.Process(target=_refused_as_nobody, args=(shown,))
    child.start()
    child.join()
    assert child.exitcode == 0


NAMESAKE = """
import sys
sys.path.insert(0, sys.argv[2])
from index_samples import reference
from sigsearch.errors import IndexReadOnly
from sigsearch.index import WriterIndex
print("ready", flush=True)
sys.stdin.readline()
with WriterIndex.open(sys.argv[1]) as index:
    assert len(index.references("ann")) == 1
    try:
        index.enrol([reference("bob")])
    except IndexReadOnly as fault:
        assert "process number" in str(fault)
        print("named", flush=True)
"""


def test_a_process_with_the_number_of_another_reads_and_says_why_it_does_not_write(
    tmp_path: Path,
) -> None:
    """As in two containers; the other one is shown to LMDB by the lock that it would hold."""
    path = tmp_path / "index"
    with WriterIndex.create(path, IDENTITY) as index:
        index.enrol([reference("ann")])
    child = subprocess.Popen(
        [sys.executable, "-c", NAMESAKE, str(path), os.path.dirname(__file__)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    table = os.open(path / "store-1" / "lock.mdb", os.O_RDWR)
    whole = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, child.pid, 1, 0)
    fcntl.fcntl(table, fcntl.F_SETLK, whole)
    said, _ = child.communicate("go\n", timeout=300)
    os.close(table)
    assert (child.returncode, said) == (0, "named\n")


def test_another_index_in_the_place_of_an_open_one_is_refused(tmp_path: Path) -> None:
    path, other = tmp_path / "index", EncoderIdentity("another-encoder", 2, 16)
    with WriterIndex.create(path, IDENTITY) as stale:
        stale.enrol([reference("ann")])
        shutil.rmtree(path)
        child = "from sigsearch.index import *; import sys; i = EncoderIdentity(sys.argv[2], 2, 16)"
        child += "; WriterIndex.create(sys.argv[1], i).close()"
        subprocess.run([sys.executable, "-c", child, path, other.id], check=True)
        for use in (
            lambda: stale.enrol([reference("bob")]),
            lambda: len(stale),
            lambda: stale.search(reference("ann").vector, 1),
            lambda: stale.put_setting("a", {}),
            stale.compact,
        ):
            with pytest.raises(IndexReplaced, match="open it again"):
                use()
        with WriterIndex.open(path, identity=other) as fresh:
            assert len(fresh) == 0


FULL = """
import os, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from index_samples import IDENTITY, reference
from sigsearch.errors import IndexFull
from sigsearch.index import WriterIndex
path = Path(sys.argv[1]) / "index"
with WriterIndex.create(path, IDENTITY) as index:
    index.enrol([reference("ann")])
(path / "store-1" / "lock.mdb").unlink()
with open(Path(sys.argv[1]) / "filler", "wb", buffering=0) as filler:
    try:
        while filler.write(bytes(4096)):
            pass
    except OSError:
        pass
new = path.parent / "new"
for use in (lambda: WriterIndex.open(path), lambda: WriterIndex.create(new, IDENTITY)):
    try:
        use()
    except IndexFull as fault:
        print("named", fault, flush=True)
(Path(sys.argv[1]) / "filler").unlink()
with WriterIndex.open(path) as index:
    print(len(index))
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs a small file system")
def test_no_room_for_the_table_of_readers_is_named(tmp_path: Path) -> None:
    """LMDB maps it with holes; the first touch would kill the process."""
    mounted = f'mount -t tmpfs -o size=400k tmpfs {tmp_path} && exec "$@"'
    asked = ["unshare", "-rm", "sh", "-c", mounted, "sh"]
    if shutil.which("unshare") is None or subprocess.run([*asked, "true"]).returncode:
        pytest.skip("nothing can be mounted here")
    done = subprocess.run(
        [*asked, sys.executable, "-c", FULL, tmp_path, os.path.dirname(__file__)],
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, (done.returncode, done.stderr)
    assert done.stdout.count("named") == 2, done.stdout
    assert done.stdout.endswith("1\n")


def test_the_table_of_readers_has_no_holes(tmp_path: Path) -> None:
    with WriterIndex.create(tmp_path / "index", IDENTITY) as index:
        index.enrol([reference("ann")])
        index.compact()
    for table in tmp_path.rglob("lock.mdb"):
        assert table.stat().st_blocks * 512 >= table.stat().st_size > 0


def _use_as_nobody(path: Path, file: Path) -> list[str]:
    """What has no name, of all that is raised where a file takes no reading or no writing."""
    os.setuid(65534)
    raw = []

    def used(read_only: bool) -> None:
        with WriterIndex.open(path, read_only=read_only) as index:
            index.search(reference("ann").vector, 1)
            index.references("ann")
            list(DecisionLog(index).entries())
            if not read_only:
                index.enrol([reference("bob")])
                index.compact(patience=0)

    def noted() -> None:
        with WriterIndex.open(path, read_only=True) as index:
            DecisionLog(index).append("verify", {})

    asks = {
        "read": lambda: used(True), "write": lambda: used(False), "note": noted,
        "check": lambda: check_index(path), "repair": lambda: repair_index(path),
        "migrate": lambda: migrate_index(path),
        "create": lambda: WriterIndex.create(path, IDENTITY, exist_ok=True).close(),
    }  # fmt: skip
    for name, ask in asks.items():
        try:
            ask()
        except SigsearchError:
            pass
        except BaseException as fault:
            raw.append(f"{name} with {file.name}: {type(fault).__name__}: {fault}")
    return raw


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="needs another user")
def test_a_file_that_may_not_be_read_or_written_is_named(
    shown: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exercised(shown, monkeypatch)
    context, raw, copy = multiprocessing.get_context("fork"), [], shown.with_name("copy")
    for file in sorted([shown, *shown.rglob("*")]):
        for mode in (0o000, 0o555 if file.is_dir() else 0o444):
            shutil.copytree(shown, copy)
            for one in [copy, *copy.rglob("*")]:
                one.chmod(0o777 if one.is_dir() else 0o666)
            named = copy / file.relative_to(shown)
            named.chmod(mode)
            with context.Pool(1, maxtasksperchild=1) as pool:
                raw += pool.apply(_use_as_nobody, (copy, named))
            shutil.rmtree(copy)
    assert not raw, "\n".join(raw)


def test_meta_pages_in_flux_are_looked_at_until_they_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sigsearch.index.local import pages

    with WriterIndex.create(tmp_path / "index", IDENTITY) as index:
        index.enrol([reference("ann")])
    data, looked, really = tmp_path / "index" / "store-1" / "data.mdb", [], pages._fault

    def while_somebody_commits(file: object) -> str | None:
        looked.append(file)
        if len(looked) > 40:
            return really(file)  # type: ignore[arg-type]
        with open(data, "r+b") as other:
            other.seek(4000)  # which says nothing, and is no longer what it was
            other.write(bytes([len(looked)]))
        return "seen in the midst of a commit"

    monkeypatch.setattr(pages, "_fault", while_somebody_commits)
    with WriterIndex.open(tmp_path / "index") as index:
        assert len(index) == 1


def test_an_open_index_goes_on_after_both_manifests_were_lost_and_repaired(tmp_path: Path) -> None:
    with WriterIndex.create(tmp_path / "index", IDENTITY) as index:
        index.enrol([reference("ann")])
        for name in ("index.json", "index.copy.json"):
            (tmp_path / "index" / name).unlink()
        child = (
            "import sys; from sigsearch.index.care.repair import repair_index as r; r(sys.argv[1])"
        )
        subprocess.run([sys.executable, "-c", child, tmp_path / "index"], check=True)
        assert index.enrol([reference("bob")]) == 1
        assert sorted(one.name for one in index.writers()) == ["ann", "bob"]
