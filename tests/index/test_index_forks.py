"""Children that are forked, whatever the parent does at that moment."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from subprocess import PIPE

import pytest
from outside import LONGEST, RELIABILITY, sound

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")

FORKS = """
import hashlib, os, sys, threading, time, traceback
import numpy as np
sys.path.insert(0, sys.argv[2])
from handle import IDENTITY, reference
from sigsearch.index import Reference, WriterIndex
from sigsearch.index.search.structures import choice

structure, busy = sys.argv[3], sys.argv[4]
choice.NUMPY_UP_TO, choice.EXACT_UP_TO = {
    "numpy": (10**6, 10**7), "flat": (1, 10**7), "clusters": (1, 2),
}[structure]
rng = np.random.default_rng(0)
vectors = rng.normal(size=(3000, 32)).astype(np.float32)
vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
def of(number):
    digest = hashlib.sha256(str(number).encode()).hexdigest()
    return Reference(f"w{number}", vectors[number], b"tokens", digest)

def in_child(work):
    child = os.fork()
    if child == 0:
        try:
            work()
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            assert status == 0, f"a child ended with {os.waitstatus_to_exitcode(status)}"
            return
        time.sleep(0.005)
    os.kill(child, 9)
    raise AssertionError("a child hangs")

def search():
    assert index.search(vectors[7], 1)[0][0].writer == "w7"
    assert index.search(vectors[:300], 1)[299][0].writer == "w299"
    assert len(index.references("w8")) == 1

def write():
    assert index.enrol([reference(f"child {os.getpid()}", 0)]) == 1
    assert index.forget(f"child {os.getpid()}") == 1

faults, stop, count = [], threading.Event(), [0]
def again(work):
    try:
        while not stop.is_set():
            work()
    except BaseException:
        faults.append(traceback.format_exc())
def enrol():
    count[0] += 1
    assert index.enrol([reference(f"parent {count[0]}", 0)]) == 1
def hold():
    with index.writing():
        time.sleep(0.05)
        enrol()
    time.sleep(0.05)

with WriterIndex.create(sys.argv[1], IDENTITY, sync="lazy", wait=30.0) as index:
    index.enrol([of(number) for number in range(3000)])
    index.optimise()
    search()
    at_work = {"idle": [], "searching": [search, search], "writing": [enrol], "holding": [hold]}
    threads = [threading.Thread(target=again, args=(work,)) for work in at_work[busy]]
    for thread in threads:
        thread.start()
    for _ in range(5):
        in_child(search)
        in_child(write)
    stop.set()
    for thread in threads:
        thread.join()
    assert not faults, faults[0]
    search()
    assert len(index) == 3000 + count[0]
"""


@pytest.mark.parametrize(
    ("structure", "busy"),
    [
        ("numpy", "writing"), ("numpy", "holding"), ("flat", "idle"), ("flat", "searching"),
        ("clusters", "searching"), ("clusters", "writing"),
    ],
)  # fmt: skip
def test_a_child_searches_and_writes_whatever_its_parent_does(
    tmp_path: Path, structure: str, busy: str
) -> None:
    path = tmp_path / "index"
    words = [sys.executable, "-c", FORKS, str(path), str(RELIABILITY), structure, busy]
    done = subprocess.run(words, capture_output=True, text=True, timeout=LONGEST)
    assert done.returncode == 0, done.stderr
    sound(path)


LOCKED = """
import os, sys
sys.path.insert(0, sys.argv[2])
from handle import IDENTITY, reference
from sigsearch.errors import IndexBusy
from sigsearch.index import WriterIndex
source, sink = os.pipe()
with WriterIndex.create(sys.argv[1], IDENTITY, wait=0.2) as index:
    with index.writing():
        child = os.fork()
        if child == 0:
            try:
                index.enrol([reference("child", 0)])
            except IndexBusy:
                os.write(sink, b"busy")
        else:
            assert os.read(source, 4) == b"busy"
    if child == 0:
        sys.stdin.readline()  # alive, and without the lock
        assert index.enrol([reference("child", 0)]) == 1
        os._exit(0)
    assert index.enrol([reference("parent", 0)]) == 1
    print("the parent wrote", flush=True)
    assert os.waitpid(child, 0)[1] == 0
"""


def test_the_writer_lock_stays_the_parents(tmp_path: Path) -> None:
    """Forked while the lock is held: the child waits for it, and does not keep it."""
    words = [sys.executable, "-c", LOCKED, str(tmp_path / "index"), str(RELIABILITY)]
    with subprocess.Popen(words, stdin=PIPE, stdout=PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "the parent wrote\n"
        process.communicate("\n")
    assert process.returncode == 0
    sound(tmp_path / "index")
