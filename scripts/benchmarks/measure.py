"""What the index benchmarks measure with: exact answers, clocks, memory, disk, the machine."""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from sigsearch.arrays import Ids, Singles

K, BATCH, AGREEMENT = 5, 100, 0.99
LONGEST = 5.0  # seconds of timing one kind of search, twice


class Truth:
    """The closest writer of each query among all references seen so far, by comparing them all."""

    def __init__(self, asked: Singles, each: int) -> None:
        self._asked, self._each = asked, each
        self._best = np.full(len(asked), -np.inf, np.float32)
        self.writer = np.zeros(len(asked), np.int64)

    def see(self, vectors: Singles, first: int) -> None:
        """`vectors` are references from number `first` on, `each` a writer in a row."""
        similarity = self._asked @ vectors.T
        found = similarity.argmax(axis=1)
        value = similarity[np.arange(len(found)), found]
        better = value > self._best
        self._best[better] = value[better]
        self.writer[better] = (first + found[better]) // self._each


def truth(references: Singles, asked: Singles, each: int) -> Ids:
    """The closest writer of each query among all references."""
    known = Truth(asked, each)
    for start in range(0, len(references), 50_000):
        known.see(references[start : start + 50_000], start)
    return known.writer


def timed(
    searches: dict[str, Callable[[Singles], object]], asked: Singles
) -> dict[str, dict[str, float]]:
    """Median milliseconds of one query and of a batch, by the clock and of this process's CPU.

    Several searches take turns, so that what else the machine does meets them alike. CPU time
    says more where other work shares the machine; that of another process, as some engines have
    one, is not in it.
    """
    rows = [asked[row : row + 1] for row in range(min(300, len(asked)))]
    parts = [asked[at : at + BATCH] for at in range(0, len(asked) - BATCH + 1, BATCH)]
    found: dict[str, dict[str, float]] = {name: {} for name in searches}
    for kind, given in (("single", rows), ("batch", parts)):
        taken: dict[str, list[tuple[float, float]]] = {name: [] for name in searches}
        for _ in range(2):
            for name, search in searches.items():
                end = time.perf_counter() + LONGEST
                for one in given:
                    began, used = time.perf_counter(), time.process_time()
                    if began > end:
                        break
                    search(one)
                    clock = time.perf_counter() - began
                    taken[name].append((clock, time.process_time() - used))
        for name, pairs in taken.items():
            found[name][f"{kind}_ms"] = round(1e3 * median(clock for clock, _ in pairs), 4)
            found[name][f"{kind}_cpu_ms"] = round(1e3 * median(cpu for _, cpu in pairs), 4)
    return found


class Built:
    """Seconds since it was made, by the clock and of CPU."""

    def __init__(self) -> None:
        self._began, self._used = time.perf_counter(), time.process_time()

    def facts(self, name: str) -> dict[str, float]:
        return {
            f"{name}_s": round(time.perf_counter() - self._began, 2),
            f"{name}_cpu_s": round(time.process_time() - self._used, 2),
        }


def memory() -> dict[str, int]:
    """Resident bytes of this process: all, and without file pages that can be dropped."""
    fields = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return {
        name: int(fields[field].split()[0]) * 1024
        for name, field in (("resident", "VmRSS"), ("anonymous", "RssAnon"))
    }


def result_of(output: str) -> dict[str, Any]:
    """The result line among what a process said."""
    lines = [line for line in output.splitlines() if line.startswith("RESULT ")]
    found: dict[str, Any] = json.loads(lines[-1][7:]) if lines else {"failed": output[-400:]}
    return found


def disk(folder: Path) -> int:
    return sum(path.stat().st_blocks * 512 for path in folder.rglob("*") if path.is_file())


def machine() -> dict[str, Any]:
    model = [
        line.split(":")[1].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    ]
    gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "cpu": model[0] if model else platform.processor(), "cores": os.cpu_count(),
        "memory_gib": round(gib), "python": platform.python_version(),
        "load_at_start": os.getloadavg()[0],
    }  # fmt: skip
