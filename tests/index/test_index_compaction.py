"""Whatever rewrites a store works on the newest state, and every handle notices."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from outside import LONGEST, RELIABILITY, Live, expected, filled, holds, run, sound, start

MEBIBYTE = 1 << 20


def test_a_stale_handle_compacts_the_newest_state(tmp_path: Path) -> None:
    path = tmp_path / "index"
    truth = filled(path)
    with Live(path) as a, Live(path) as b, Live(path) as c:
        b.ask("find", "writer 000")
        c.ask("compact")
        new = [f"new {number}" for number in range(50)]
        assert a.ask("enrol", new, 2) == 100
        for number in range(10):
            assert a.ask("forget", f"writer {number:03}") == 4
        b.ask("compact")
        truth = {name: truth[name] for name in ("writer 010", "writer 011")}
        truth |= {name: expected(name, range(2)) for name in new}
        for handle in (a, b, c):
            assert handle.ask("held") == truth
            assert handle.ask("find", "new 7")[0] == "new 7"
            assert handle.ask("find", "writer 003") == []
    assert holds(path) == truth
    sound(path)


def test_what_was_proven_erased_does_not_come_back(tmp_path: Path) -> None:
    path = tmp_path / "index"
    truth = filled(path)
    with Live(path) as stale:
        stale.ask("find", "writer 001")
        run("index", "erase", "writer 001", "-i", path, "--receipt", tmp_path / "receipt.json")
        stale.ask("compact")
        del truth["writer 001"]
        assert stale.ask("held") == truth
    assert holds(path) == truth
    sound(path)


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="needs /proc")
def test_two_compactions_the_first_interrupted_while_an_export_is_suspended(
    tmp_path: Path,
) -> None:
    pytest.importorskip("pyarrow")
    path = tmp_path / "index"
    truth = filled(path)
    exporting = suspended_export(path, tmp_path / "out.parquet")
    with Live(path) as late:
        late.ask("hold")  # both compactions open what is there, and wait for their turn
        first = start("index", "compact", "-i", path)
        until(lambda: "store-1/data.mdb" in mapped_by(first) and taken(path / "build.lock"))
        first.send_signal(signal.SIGSTOP)  # its patience is no part of this
        second = start("index", "compact", "-i", path)
        until(lambda: "store-1/data.mdb" in mapped_by(second))
        time.sleep(0.3)
        second.send_signal(signal.SIGSTOP)
        late.ask("let go")
        first.send_signal(signal.SIGCONT)
        until(lambda: store_of(path) != "store-1")
        first.send_signal(signal.SIGINT)
        first.communicate(timeout=LONGEST)
        assert first.returncode in (130, 0)  # 0 on a machine too busy to interrupt it in time
        assert late.ask("enrol", ["late"], 2) == 2
        second.send_signal(signal.SIGCONT)
        second.communicate(timeout=LONGEST)
        assert second.returncode == 0
        truth["late"] = expected("late", range(2))
        assert late.ask("held") == truth
    exporting.send_signal(signal.SIGCONT)
    exporting.communicate(timeout=LONGEST)
    assert exporting.returncode == 0
    assert holds(path) == truth
    sound(path)


SUSPENDED = """
import os, signal
from pyarrow.parquet import ParquetWriter
write = ParquetWriter.write_table
def stopping(*given, **named):
    ParquetWriter.write_table = write
    os.kill(os.getpid(), signal.SIGSTOP)
    write(*given, **named)
ParquetWriter.write_table = stopping
from sigsearch.cli import main
main()
"""


def suspended_export(path: Path, out: Path) -> subprocess.Popen[str]:
    """An export that is suspended in the middle of its read."""
    words = ("index", "export", str(out), "-i", str(path))
    exporting = subprocess.Popen([sys.executable, "-c", SUSPENDED, *words], text=True)
    os.waitid(os.P_PID, exporting.pid, os.WSTOPPED | os.WNOWAIT)
    return exporting


def mapped_by(process) -> str:
    return Path(f"/proc/{process.pid}/maps").read_text()


def taken(lock: Path) -> bool:
    import fcntl

    if not lock.exists():
        return False
    with open(lock) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def store_of(path: Path) -> str:
    return str(json.loads((path / "index.json").read_text())["content"]["store"])


def until(done) -> None:
    deadline = time.monotonic() + LONGEST
    while not done():
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.001)


def test_stores_above_ten_mebibytes_are_compacted_and_erased(tmp_path: Path) -> None:
    path = tmp_path / "index"
    truth = filled(path, 60, 10, 30_000)
    assert (path / "store-1" / "data.mdb").stat().st_size > 15 * MEBIBYTE
    run("index", "compact", "-i", path)
    assert holds(path) == truth
    receipt = tmp_path / "receipt.json"
    run("index", "erase", "writer 007", "-i", path, "--receipt", receipt)
    assert json.loads(receipt.read_text())["content"]["incomplete"] is None
    del truth["writer 007"]
    assert holds(path) == truth
    for file in path.rglob("*"):
        assert not file.is_file() or b"writer 007" not in file.read_bytes()
    sound(path)


INTERRUPTED = """
import os, sys
sys.path.insert(0, sys.argv[2])
from handle import held, reference
from sigsearch.index import WriterIndex
package = os.sep + os.path.join("sigsearch", "index") + os.sep
class Interrupt:
    def __init__(self, after): self.left = after
    def __call__(self, frame, event, _):
        # Where Python looks for signals: on entering a function, and when a call has returned.
        if event in ("call", "c_return") and package in frame.f_code.co_filename:
            self.left -= 1
            if self.left == 0:
                sys.setprofile(None)
                raise KeyboardInterrupt
with WriterIndex.open(sys.argv[1], wait=0.0) as index:
    before, at, ended = held(index), 1, False
    while not ended:
        sys.setprofile(Interrupt(at))
        try:
            index.compact()
            ended = True
        except KeyboardInterrupt:
            pass
        sys.setprofile(None)
        with WriterIndex.open(sys.argv[1], read_only=True) as reader:
            assert held(reader) == before, at
        assert index.enrol([reference("after", 0)]) == 1, at
        assert index.forget("after") == 1, at
        assert held(index) == before, at
        at += 17
    print(at)
"""


def test_after_an_interrupt_at_any_call_the_handle_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "index"
    truth = filled(path, 3, 2)
    words = [sys.executable, "-c", INTERRUPTED, str(path), str(RELIABILITY)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=LONGEST)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 300
    assert holds(path) == truth
    sound(path)
