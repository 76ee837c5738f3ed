"""A short run of `scripts/reliability/faults.py`: system calls fail, or are lost in a crash."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest
from outside import RELIABILITY


@pytest.mark.skipif(
    not sys.platform.startswith("linux") or shutil.which("cc") is None,
    reason="stands between the process and the C library of Linux; needs a compiler",
)
@pytest.mark.parametrize(
    ("operation", "every"),
    [("enrol", "4"), ("compact", "12"), ("note", "3"), ("rekeyed erasure", "40")],
)
def test_what_fails_or_is_lost_leaves_an_acknowledged_state(operation: str, every: str) -> None:
    pytest.importorskip("cryptography")
    asked = [sys.executable, RELIABILITY / "faults.py", operation, "--every", every]
    done = subprocess.run(asked, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
