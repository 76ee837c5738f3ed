"""sigsearch's index beside other engines, on the same vectors, in the same run.

    python scripts/benchmark_vectors.py base.npz
    python scripts/benchmark_index.py base.npz --writers 100000 --each 10 --out results.json

Each engine runs in a process of its own, one after the other: it builds, raises its effort until
its closest writer is that of exact search for 99 % of the queries, and is then timed. What
sigsearch returns is names, with counts, from checked records; the others return row numbers.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from benchmark_peers import PEERS, Floats, Rows
from benchmark_vectors import Base, expanded

K, BATCH, AGREEMENT = 5, 100, 0.99


class Truth:
    """The closest writer of each query among all references seen so far, by comparing them all."""

    def __init__(self, asked: Floats, each: int) -> None:
        self._asked, self._each = asked, each
        self._best = np.full(len(asked), -np.inf, np.float32)
        self.writer = np.zeros(len(asked), np.int64)

    def see(self, vectors: Floats, first: int) -> None:
        """`vectors` are references from number `first` on, `each` a writer in a row."""
        similarity = self._asked @ vectors.T
        found = similarity.argmax(axis=1)
        value = similarity[np.arange(len(found)), found]
        better = value > self._best
        self._best[better] = value[better]
        self.writer[better] = (first + found[better]) // self._each


def truth(references: Floats, asked: Floats, each: int) -> Rows:
    """The closest writer of each query among all references."""
    known = Truth(asked, each)
    for start in range(0, len(references), 50_000):
        known.see(references[start : start + 50_000], start)
    return known.writer


def timed(search: Callable[[Floats], object], asked: Floats) -> dict[str, float]:
    """Median milliseconds of one query and of a batch, by the clock and of this process's CPU.

    CPU time says more where other work shares the machine; that of another process, as some
    engines have one, is not in it.
    """
    rows = [asked[row : row + 1] for row in range(min(300, len(asked)))]
    parts = [asked[at : at + BATCH] for at in range(0, len(asked) - BATCH + 1, BATCH)]
    found = {}
    for name, given in (("single", 2 * rows), ("batch", parts)):
        clock, cpu = [], []
        for one in given:
            began, used = time.perf_counter(), time.process_time()
            search(one)
            clock.append(time.perf_counter() - began)
            cpu.append(time.process_time() - used)
        found[f"{name}_ms"] = round(1e3 * median(clock), 4)
        found[f"{name}_cpu_ms"] = round(1e3 * median(cpu), 4)
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


def run_peer(name: str, data: Path, each: int, folder: Path) -> dict[str, Any]:
    references = np.load(data / "references.npy", mmap_mode="r")
    asked, expected = np.load(data / "queries.npy"), np.load(data / "truth.npy")
    peer, before = PEERS[name](), memory()
    began = Built()
    peer.build(references, folder)
    built = began.facts("build")
    for effort in peer.efforts:
        rows = np.concatenate(
            [peer.search(asked[at : at + BATCH], K, effort) for at in range(0, len(asked), BATCH)]
        )
        agreement = float((rows[:, 0] // each == expected).mean())
        if agreement >= AGREEMENT:
            break
    times = timed(lambda some: peer.search(some, K, effort), asked)
    used = memory()["anonymous"] - before["anonymous"]
    return {
        **built, "effort": effort, "agreement": agreement, **times,
        "bytes_a_reference": round(used / len(references)), "disk": disk(folder),
    }  # fmt: skip


def build_sigsearch(data: Path, each: int, folder: Path, local: int) -> dict[str, Any]:
    from sigsearch.index import EncoderIdentity, Reference, WriterIndex

    references = np.load(data / "references.npy", mmap_mode="r")
    identity, tokens = EncoderIdentity("benchmark", 1, references.shape[1]), os.urandom(local)
    index = WriterIndex.create(folder / "index", identity)
    began = Built()
    for start in range(0, len(references), 10_000):
        index.enrol(
            [
                Reference(f"writer {row // each}", vector, tokens, f"{row:064x}", f"{row}.png")
                for row, vector in enumerate(np.asarray(references[start : start + 10_000]), start)
            ]
        )
    enrolled, began = began.facts("enrol"), Built()
    index.optimise()
    built = began.facts("build")
    index.close()
    # Searched by processes of their own, so that their memory is that of searching.
    command = [sys.executable, __file__, str(data), "--each", str(each), "--work", str(folder)]
    searched, raw = (
        result_of(
            subprocess.run(
                [*command, "--engine", f"sigsearch, {what}"],
                stdout=subprocess.PIPE, text=True, check=True,
            ).stdout
        )
        for what in ("searching", "its clusters by faiss alone")
    )  # fmt: skip
    return {**enrolled, **built, **searched, "by_faiss_alone": raw}


def search_sigsearch(data: Path, each: int, folder: Path) -> dict[str, Any]:
    from sigsearch.index import WriterIndex

    asked, expected = np.load(data / "queries.npy"), np.load(data / "truth.npy")
    before, began = memory(), time.perf_counter()
    with WriterIndex.open(folder / "index", read_only=True) as index:
        first = index.search(asked[:1], K)
        opened = time.perf_counter() - began
        names = np.concatenate(
            [index.search(asked[at : at + BATCH], K).writers for at in range(0, len(asked), BATCH)]
        )
        found = np.array([int(name.split()[1]) for name in names[:, 0]])
        times = timed(lambda some: index.search(some, K), asked)
        info = index.info()
        used = memory()["anonymous"] - before["anonymous"]
        searcher = index._searcher._cache
        effort = getattr(getattr(searcher.structure, "base", None), "probes", 0) if searcher else 0
    assert len(first) == 1
    return {
        "open_ms": round(1e3 * opened),
        "effort": effort, "agreement": float((found == expected).mean()), **times,
        "recall_told": info.recall, "structure": info.structure,
        "bytes_a_reference": round(used / info.references), "disk": disk(folder),
    }  # fmt: skip


def search_clusters(data: Path, each: int, folder: Path) -> dict[str, Any]:
    """FAISS on the very clusters that sigsearch built, in memory, weighing as many again."""
    import faiss

    from sigsearch.index.ranking import _LEAST

    (snapshot,) = (folder / "index").glob("neighbours-*")
    facts = json.loads((snapshot / "clusters.json").read_text())
    references = np.load(data / "references.npy", mmap_mode="r")
    asked, expected = np.load(data / "queries.npy"), np.load(data / "truth.npy")
    index: Any = faiss.read_index(str(snapshot / "clusters.mapped"))
    index.nprobe = facts["probes"]
    flat: Any = faiss.IndexFlatIP(references.shape[1])
    flat.add(np.zeros((1, references.shape[1]), np.float32))  # ids begin with 1
    for start in range(0, len(references), 100_000):
        flat.add(np.ascontiguousarray(references[start : start + 100_000]))
    refined: Any = faiss.IndexRefine(flat, flat)  # it asks for as many entries in both
    refined.base_index = index
    refined.own_fields = False
    refined.k_factor = max(_LEAST, 8 * K) / K
    rows = [refined.search(asked[at : at + BATCH], K)[1] for at in range(0, len(asked), BATCH)]
    agreement = float(((np.concatenate(rows)[:, 0] - 1) // each == expected).mean())
    return {"agreement": agreement, **timed(lambda some: refined.search(some, K), asked)}


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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("base", type=Path, help="embeddings by benchmark_vectors.py")
    parser.add_argument("--writers", type=int, default=10_000)
    parser.add_argument("--each", type=int, default=10)
    parser.add_argument("--queries", type=int, default=1000)
    parser.add_argument("--local", type=int, default=0, help="bytes of tokens a reference")
    parser.add_argument("--engines", default="sigsearch," + ",".join(PEERS))
    parser.add_argument("--work", type=Path, help="folder for the engines' files")
    parser.add_argument("--timeout", type=float, default=7200, help="seconds an engine may take")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--engine", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.engine:
        work = options.work
        if options.engine == "sigsearch":
            result = build_sigsearch(options.base, options.each, work, options.local)
        elif options.engine == "sigsearch, searching":
            result = search_sigsearch(options.base, options.each, work)
        elif options.engine == "sigsearch, its clusters by faiss alone":
            result = search_clusters(options.base, options.each, work)
        else:
            result = run_peer(options.engine, options.base, options.each, work)
        print("RESULT " + json.dumps(result))
        return
    with tempfile.TemporaryDirectory(dir=options.work) as name:
        results = compare(options, Path(name))
    if options.out:
        options.out.write_text(json.dumps(results, indent=1))


def compare(options: argparse.Namespace, data: Path) -> dict[str, Any]:
    base = Base.load(options.base)
    references, asked = expanded(base, data, options.writers, options.each, options.queries)
    closest = truth(np.load(references, mmap_mode="r"), np.load(asked), options.each)
    np.save(data / "truth.npy", closest)
    about = {"references": options.writers * options.each, "writers": options.writers}
    results: dict[str, Any] = {"machine": machine(), **about, "k": K, "engines": {}}
    for engine in options.engines.split(","):
        work = data / "work"
        work.mkdir()
        command = [sys.executable, __file__, str(data), "--engine", engine, "--work", str(work)]
        command += ["--each", str(options.each), "--local", str(options.local)]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=options.timeout, check=False
            )
            result = result_of(done.stdout or done.stderr)
        except subprocess.TimeoutExpired:
            result = {"failed": f"not done in {options.timeout:.0f} s"}
        results["engines"][engine] = result
        print(engine, json.dumps(result), flush=True)
        subprocess.run(["rm", "-rf", str(work)], check=True)
    return results


if __name__ == "__main__":
    main()
