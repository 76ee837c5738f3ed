"""No command opens a socket or writes anywhere but to the index and the outputs that were named.

A filter in the kernel kills the process at its first socket, whichever library asks for it.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux") or platform.machine() != "x86_64",
    reason="needs seccomp, and the number of a system call",
)

ALONE = """
import ctypes, json, socket, struct, sys
from pathlib import Path

def forbid_sockets():
    load, equal, give = 0x20, 0x15, 0x06
    kill, allow, socket_call = 0x80000000, 0x7FFF0000, 41
    steps = [(load, 0, 0, 0), (equal, 0, 1, socket_call), (give, 0, 0, kill), (give, 0, 0, allow)]
    held = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    program = struct.pack("HxxxxxxQ", len(steps), ctypes.addressof(held))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, program, 0, 0):
        sys.exit(77)

forbid_sockets()
if sys.argv[1] == "socket":
    socket.socket()
from sigsearch.cli import main
for words in json.loads(sys.argv[1]):
    try:
        main(words)
    except SystemExit as end:
        print("exit", end.code or 0, words, flush=True)
"""


def alone(where: Path, asked: str) -> subprocess.CompletedProcess[str]:
    """A process without sockets, all of whose usual places lie under `where`."""
    kept = {"PATH", "PYTHONPATH", "SYSTEMROOT", "LD_LIBRARY_PATH", "VIRTUAL_ENV"}
    given = {name: value for name, value in os.environ.items() if name in kept}
    places = {
        name: str(where / name)
        for name in ("HOME", "TMPDIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")
    }
    for place in (*places.values(), where / "cwd"):
        Path(place).mkdir(exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-c", ALONE, asked], capture_output=True, text=True, timeout=900,
        env={**given, **places, "PYTHONDONTWRITEBYTECODE": "1"}, cwd=where / "cwd",
    )  # fmt: skip
    if done.returncode == 77:
        pytest.skip("no filter can be set here")
    return done


def test_the_filter_kills_at_a_socket(tmp_path: Path) -> None:
    assert alone(tmp_path, "socket").returncode < 0


def test_nothing_leaves_the_machine_or_the_named_places(references: Path, tmp_path: Path) -> None:
    out = tmp_path / "named"
    out.mkdir()
    index, again, one = str(out / "index"), str(out / "again"), str(references / "bo" / "0.png")
    page, other = str(out / "page.html"), str(references / "bo" / "1.png")
    commands = [
        ["index", "build", str(references), "-i", index],
        ["query", one, "-i", index, "--log"],
        ["verify", one, "--writer", "bo", "-i", index, "--report", page],
        ["verify", one, other],
        ["index", "audit", "-i", index, "--report", str(out / "audit.html")],
        ["index", "optimise", "-i", index],
        ["index", "log", "-i", index],
        ["index", "export", str(out / "all.parquet"), "-i", index],
        ["index", "import", str(out / "all.parquet"), "-i", again],
        ["index", "erase", "dara", "--receipt", str(out / "receipt.json"), "-i", index],
        ["index", "forget", "anna", "-i", index],
        ["index", "compact", "-i", index],
        ["index", "repair", "-i", index],
        ["index", "check", "-i", index],
        ["index", "info", "-i", index],
        ["encode", one, "--out", str(out / "vectors.npy")],
        ["synth", str(out / "drawn"), "--writers", "2", "--genuine", "2"],
        ["completion", "bash"],
    ]
    before = {path for path in tmp_path.rglob("*") if not path.is_dir()}
    done = alone(tmp_path, json.dumps(commands))
    assert done.returncode == 0, (done.returncode, done.stdout[-2000:], done.stderr[-2000:])
    ends = [line for line in done.stdout.splitlines() if line.startswith("exit ")]
    assert len(ends) == len(commands), done.stdout
    assert not [end for end in ends if end.startswith("exit 2")], (ends, done.stderr)
    made = {path for path in tmp_path.rglob("*") if not path.is_dir()} - before
    assert made
    assert [str(path) for path in made if not path.is_relative_to(out)] == []
