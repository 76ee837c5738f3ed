from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import threading
import time
from functools import partial
from pathlib import Path
from subprocess import PIPE

import pytest
from index_samples import IDENTITY, reference, vector

from sigsearch.errors import IndexBusy, IndexFull
from sigsearch.index import WriterIndex
from sigsearch.index.care.proof import forget_with_proof
from sigsearch.index.local.opening import open_store
from sigsearch.index.search.structures.vectors import Originals

HOLDER = """
import sys
from sigsearch.index import WriterIndex
with WriterIndex.open(sys.argv[1]) as index, index.writing():
    print("held", flush=True)
    sys.stdin.readline()
"""

OPENER = """
import fcntl, sys
table = open(sys.argv[1], "r+b")
fcntl.lockf(table, fcntl.LOCK_EX, 1)  # as LMDB does while it makes the table of readers
print("held", flush=True)
sys.stdin.readline()
"""


@pytest.fixture
def index(tmp_path: Path):
    with WriterIndex.create(tmp_path / "index", IDENTITY, wait=0.2) as made:
        yield made


def holder(path: Path, doing: str = HOLDER) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", doing, str(path)], stdin=PIPE, stdout=PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_second_writer_is_told_who_is_writing(index: WriterIndex) -> None:
    with holder(index.path) as other:
        with pytest.raises(IndexBusy, match=f"process {other.pid}"):
            index.enrol([reference("ann")])
        assert index.search(vector(0), 1).similarity.shape == (1, 0)
        other.communicate("\n")
    assert index.enrol([reference("ann")]) == 1


def test_a_killed_writer_leaves_no_lock_behind(index: WriterIndex) -> None:
    with holder(index.path) as other:
        other.kill()
        other.communicate()
    assert index.enrol([reference("ann")]) == 1


def test_a_thread_waits_for_another_and_is_told_if_that_takes_too_long(index: WriterIndex) -> None:
    entered, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with index.writing():
            entered.set()
            leave.wait(20)

    thread = threading.Thread(target=hold)
    thread.start()
    entered.wait(20)
    with pytest.raises(IndexBusy, match="another thread"):
        index.enrol([reference("ann")])
    leave.set()
    thread.join()
    assert index.enrol([reference("ann")]) == 1


def test_threads_share_one_index_and_every_answer_is_of_one_generation(index: WriterIndex) -> None:
    history: dict[int, frozenset[str]] = {index.generation: frozenset()}
    answers: list[tuple[int, frozenset[str]]] = []
    stop = threading.Event()
    faults: list[BaseException] = []

    def ask() -> None:
        try:
            while not stop.is_set():
                found = index.search(vector(1), 100)
                answers.append((found.generation, frozenset(found.writers[0])))
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    present: set[str] = set()
    for number in range(60):
        name = f"w{number % 20}"
        if name in present:
            index.forget(name)
            present.remove(name)
        else:
            index.enrol([reference(name), reference(name, 1)])
            present.add(name)
        history[index.generation] = frozenset(present)
    time.sleep(0.05)
    stop.set()
    for thread in threads:
        thread.join()
    assert faults == []
    assert len({generation for generation, _ in answers}) > 5
    assert all(history[generation] == names for generation, names in answers)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_reads_and_writes_with_the_index_it_inherited(index: WriterIndex) -> None:
    index.enrol([reference("ann")])
    index.search(vector(0), 1)
    child = os.fork()
    if child == 0:
        try:
            index.enrol([reference("child")])
            found = index.search(reference("child").vector, 1)[0][0].writer
            os._exit(0 if found == "child" else 1)
        except BaseException:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert index.search(reference("child").vector, 1)[0][0].writer == "child"
    assert index.enrol([reference("bob")]) == 1


def test_enrolling_goes_on_while_a_snapshot_is_laid_out_and_erasing_does_not(
    index: WriterIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sigsearch.index.search.structures.choice.NUMPY_UP_TO", 1)
    monkeypatch.setattr("sigsearch.index.search.structures.choice.EXACT_UP_TO", 2)
    index.enrol([reference(name, n) for name in ("ann", "bob") for n in range(30)])
    refused, write = [], Originals.write

    def write_and_interfere(*given: object) -> None:
        write(*given)
        with WriterIndex.open(index.path, wait=0.1) as other:
            other.enrol([reference("late")])
            with pytest.raises(IndexBusy, match="rebuilt") as fault:
                forget_with_proof(other, "bob")
            refused.append(fault.value)
            with pytest.raises(IndexBusy):
                other.optimise()

    monkeypatch.setattr(Originals, "write", write_and_interfere)
    index.optimise()
    assert len(refused) == 1
    assert index.search(vector(0), 9)[0][0].writer
    assert {near.writer for near in index.search(vector(0), 9)[0]} == {"ann", "bob", "late"}
    assert len(list(index.path.glob("neighbours-*"))) == 1
    monkeypatch.undo()
    assert forget_with_proof(index, "bob").reference_count == 30


def test_a_build_that_fails_leaves_nothing_behind(
    index: WriterIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sigsearch.index.search.structures.choice.NUMPY_UP_TO", 1)
    monkeypatch.setattr("sigsearch.index.search.structures.choice.EXACT_UP_TO", 2)
    index.enrol([reference("ann", n) for n in range(30)])

    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Originals, "write", fail)
    with pytest.raises(IndexFull, match="no room"):
        index.optimise()
    # A cache only: answered from memory.
    assert index.search(vector(0), 1)[0][0].writer == "ann"
    assert not list(index.path.glob("neighbours*"))


@pytest.mark.skipif(sys.platform != "linux", reason="asks the kernel for a lock")
def test_a_process_that_is_suspended_amid_its_opening_holds_nobody_up(
    index: WriterIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.enrol([reference("ann")])
    index.close()
    soon = partial(open_store, patience=0.1)
    monkeypatch.setattr("sigsearch.index.local.environment.open_store", soon)
    with holder(next(index.path.glob("*/lock.mdb")), OPENER) as other:
        os.kill(other.pid, signal.SIGSTOP)
        with pytest.raises(IndexBusy, match="being opened by another process"):
            WriterIndex.open(index.path)
        os.kill(other.pid, signal.SIGCONT)
        other.communicate("\n")
    with WriterIndex.open(index.path) as opened:
        assert opened.search(vector(0), 1)[0][0].writer == "ann"
