"""Ctrl-C at any time: no traceback, and never an exit code that means something else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

AT_IMPORT = """
import sys
import sigsearch.__main__ as program
import signal

class Stops:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            sys.meta_path.remove(self)
            try:
                signal.raise_signal(signal.SIGINT)
            except KeyboardInterrupt as fault:
                {what}

sys.meta_path.insert(0, Stops())
sys.argv = ["sigsearch", *{words!r}]
program.main()
"""
ENCODE = ["encode", "none.png", "-o", "v.npy"]


@pytest.mark.parametrize(
    ("module", "what", "words", "code"),
    [
        ("sigsearch.cli", "raise", ["--version"], -2),
        ("sigsearch.cli.app", "raise", ["--version"], -2),
        ("numpy", "raise", ENCODE, 130),
        ("onnxruntime", "raise", ENCODE, 130),
        ("onnxruntime", "raise ImportError('initialization failed') from None", ENCODE, 130),
        (
            "onnxruntime",
            "raise SystemError('returned a result with an exception set')",
            ENCODE,
            130,
        ),
    ],
)
def test_a_stop_while_modules_are_imported(module, what, words, code, tmp_path) -> None:
    script = AT_IMPORT.format(module=module, what=what, words=words)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, cwd=tmp_path)
    assert done.returncode == code
    assert b"Traceback" not in done.stderr
    assert b"error" not in done.stderr


def test_a_stop_that_a_destructor_swallows_is_not_forgotten() -> None:
    script = """
import signal, sys, time
from sigsearch.cli import stopping

class Swallows:
    def __del__(self):
        signal.raise_signal(signal.SIGINT)

stopping.listen()
try:
    Swallows()
    time.sleep(30)
except KeyboardInterrupt:
    sys.exit(7)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, timeout=25)
    assert (done.returncode, done.stderr) == (7, b"")


def test_a_stop_of_a_whole_group_is_told_once(tmp_path) -> None:
    """A terminal sends Ctrl-C to all processes of a command, also to those that it started."""
    words = [
        sys.executable,
        "-m",
        "sigsearch",
        "synth",
        "out",
        "--writers",
        "400",
        "--workers",
        "2",
    ]
    with subprocess.Popen(
        words, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    ) as process:
        while not list(tmp_path.glob("out/*/*.png")):  # until the work has begun
            assert process.poll() is None
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGINT)
        _, told = process.communicate()
    assert process.returncode == 130
    assert told.decode() == "stopped; everything reported as enrolled is kept\n"
