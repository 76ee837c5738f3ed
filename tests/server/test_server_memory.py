"""The heaps of a service's threads."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

# Threads that hold memory at once, and the heaps that they got it from: an arena apart from the
# first is mapped at a multiple of 64 MiB.
SHOWN = """
import sys, threading
from sigsearch.server.memory import share_heaps
if sys.argv[1] == "shared":
    assert share_heaps()
allocated, held = threading.Barrier(9), []
def hold():
    held.append([bytearray(900) for _ in range(2000)])
    allocated.wait()
    allocated.wait()
threads = [threading.Thread(target=hold) for _ in range(8)]
for one in threads: one.start()
allocated.wait()
parts = [line.split() for line in open("/proc/self/maps")]
starts = [int(part[0].split("-")[0], 16) for part in parts if part[1] == "rw-p" and len(part) == 5]
print(sum(start % (64 << 20) == 0 for start in starts))
allocated.wait()
"""


def heaps(how: str) -> int:
    done = subprocess.run(
        [sys.executable, "-c", SHOWN, how], capture_output=True, text=True, check=True
    )
    return int(done.stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries share heaps")
def test_threads_share_two_heaps():
    assert heaps("shared") <= 1 < heaps("alone")
