"""sigsearch's index beside other engines, on the same vectors, in the same run.

    python scripts/benchmarks/vectors.py base.npz
    python scripts/benchmarks/search.py base.npz --writers 100000 --each 10 --out index.json
    python scripts/benchmarks/summaries.py index.json

Each engine runs in a process of its own, one after the other. sigsearch comes first: it is timed
as it tunes itself, beside FAISS on the very same clusters in the same process, and at the least
effort that agrees with exact search (the closest writer) for 99 % of the queries. Every other
engine raises its effort until it agrees for 99 %, and as often as sigsearch did, and is timed at
both. What sigsearch returns is names, with counts, from checked records; the others return row
numbers.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
from measure import (
    AGREEMENT,
    BATCH,
    Built,
    K,
    disk,
    machine,
    memory,
    result_of,
    timed,
    truth,
)
from peers import PEERS
from vectors import Base, expanded

from sigsearch.arrays import Ids, Singles
from sigsearch.index.search.structures import centroids
from sigsearch.index.search.structures.threads import one_thread

_PROBES = (4, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512)
Search = Callable[[Singles], Ids]


def agreement(search: Search, asked: Singles, expected: Ids) -> float:
    """How often the writer found first (`search` gives one for each query) is the closest."""
    parts = [asked[at : at + BATCH] for at in range(0, len(asked), BATCH)]
    return float((np.concatenate([search(part) for part in parts]) == expected).mean())


def least(efforts: Iterable[int], measured: Callable[[int], float], target: float) -> int:
    """The first effort that reaches the target, or the last one."""
    chosen = 0
    for effort in efforts:
        chosen = effort
        if measured(effort) >= target:
            break
    return chosen


def run_peer(name: str, data: Path, each: int, folder: Path, target: float) -> dict[str, Any]:
    references = np.load(data / "references.npy", mmap_mode="r")
    asked, expected = np.load(data / "queries.npy"), np.load(data / "truth.npy")
    peer, before = PEERS[name](), memory()
    began = Built()
    peer.build(references, folder)
    result: dict[str, Any] = began.facts("build")
    known: dict[int, float] = {}

    def measured(effort: int) -> float:
        if effort not in known:
            known[effort] = agreement(
                lambda part: peer.search(part, K, effort)[:, 0] // each, asked, expected
            )
        return known[effort]

    for level, wanted in (("at_99", AGREEMENT), ("as_sigsearch", target)):
        effort = least(peer.efforts, measured, wanted)
        times = timed({"": lambda some, effort=effort: peer.search(some, K, effort)}, asked)[""]
        result[level] = {"effort": effort, "agreement": known[effort], **times}
    used = memory()["anonymous"] - before["anonymous"]
    return {**result, "bytes_a_reference": round(used / len(references)), "disk": disk(folder)}


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
    # Searched by a process of its own, so that its memory is that of searching.
    command = [sys.executable, __file__, str(data), "--each", str(each), "--work", str(folder)]
    done = subprocess.run(
        [*command, "--engine", "sigsearch, searching"],
        stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    return {**enrolled, **built, **result_of(done.stdout)}


def search_sigsearch(data: Path, each: int, folder: Path) -> dict[str, Any]:
    from sigsearch.index import WriterIndex

    asked, expected = np.load(data / "queries.npy"), np.load(data / "truth.npy")
    before, began = memory(), time.perf_counter()
    with WriterIndex.open(folder / "index", read_only=True) as index:

        def writers(part: Singles) -> Ids:
            names = index.search(part, K).writers[:, 0]
            return np.array([int(name.split()[1]) for name in names])

        writers(asked[:1])
        result: dict[str, Any] = {"open_and_first_ms": round(1e3 * (time.perf_counter() - began))}
        agreed = agreement(writers, asked, expected)
        timed({"": lambda some: index.search(some, K)}, asked)
        info, used = index.info(), memory()
        result |= {
            "structure": info.structure, "recall_told": info.recall,
            "bytes_a_reference": round((used["anonymous"] - before["anonymous"]) / len(index)),
            "resident": used["resident"], "disk": disk(folder),
        }  # fmt: skip
        cache = index._searcher._cache
        assert cache is not None
        clusters = getattr(cache.structure, "base", None)
        if clusters is None:  # exact: there is no effort to choose
            times = timed({"": lambda some: index.search(some, K)}, asked)[""]
            return {**result, "tuned": {"agreement": agreed, **times}}
        faiss_search = FaissAlone(data, folder, each, clusters.looked_at)

        def measured(probes: int) -> float:
            clusters.probes = probes
            return agreement(writers, asked, expected)

        def beside_faiss(level: str, probes: int) -> dict[str, Any]:
            own = measured(probes)
            alone = agreement(lambda part: faiss_search.writers(part, probes), asked, expected)
            searches = {
                "sigsearch": lambda some: index.search(some, K),
                "faiss": lambda some: faiss_search(some, probes),
            }
            times = timed(searches, asked)
            return {
                level: {"effort": probes, "agreement": own, **times["sigsearch"]},
                f"{level}_by_faiss_alone": {"agreement": alone, **times["faiss"]},
            }

        tuned = clusters.probes
        result |= beside_faiss("tuned", tuned)
        result |= beside_faiss("at_99", least([*_PROBES, tuned], measured, AGREEMENT))
    return result


class FaissAlone:
    """FAISS on the very clusters that sigsearch built, in memory, weighing as many again."""

    def __init__(self, data: Path, folder: Path, each: int, looked_at: int) -> None:
        import faiss

        (snapshot,) = (folder / "index").glob("neighbours-*")
        references = np.load(data / "references.npy", mmap_mode="r")
        flat: Any = faiss.IndexFlatIP(references.shape[1])
        flat.add(np.zeros((1, references.shape[1]), np.float32))  # ids begin with 1
        for start in range(0, len(references), 100_000):
            flat.add(np.ascontiguousarray(references[start : start + 100_000]))
        (lists,) = (one for one in snapshot.glob("clusters*") if one.suffix != ".json")
        self._clusters: Any = faiss.read_index(str(lists))
        self._centroids: Any = faiss.downcast_index(self._clusters.quantizer)
        self._refined: Any = faiss.IndexRefine(flat, flat)  # it asks for as many entries in both
        self._refined.base_index = self._clusters
        self._refined.own_fields = False
        self._refined.k_factor = max(looked_at, 8 * K) / K
        self._each = each

    def __call__(self, asked: Singles, probes: int) -> Ids:
        self._clusters.nprobe = probes
        if (
            how := centroids.effort(self._centroids, probes)
        ) is not None:  # as sigsearch has it look
            self._centroids.k_factor = how.k_factor
        with one_thread() if len(asked) == 1 else nullcontext():
            return np.asarray(self._refined.search(asked, K)[1])

    def writers(self, asked: Singles, probes: int) -> Ids:
        return (self(asked, probes)[:, 0] - 1) // self._each


def compare(options: argparse.Namespace, data: Path) -> dict[str, Any]:
    base = Base.load(options.base)
    references, asked = expanded(base, data, options.writers, options.each, options.queries)
    closest = truth(np.load(references, mmap_mode="r"), np.load(asked), options.each)
    np.save(data / "truth.npy", closest)
    about = {"references": options.writers * options.each, "writers": options.writers}
    results: dict[str, Any] = {"machine": machine(), **about, "k": K, "engines": {}}
    target = AGREEMENT
    for engine in options.engines.split(","):
        work = data / "work"
        work.mkdir()
        command = [sys.executable, __file__, str(data), "--engine", engine, "--work", str(work)]
        command += ["--each", str(options.each), "--local", str(options.local)]
        began = time.perf_counter()
        try:
            done = subprocess.run(
                [*command, "--target", str(target)],
                capture_output=True, text=True, timeout=options.timeout, check=False,
            )  # fmt: skip
            result = result_of(done.stdout or done.stderr)
        except subprocess.TimeoutExpired:
            result = {"failed": f"not done in {options.timeout:.0f} s"}
        target = result.get("tuned", {}).get("agreement", target)
        took = {"took_s": round(time.perf_counter() - began), "load": os.getloadavg()[0]}
        results["engines"][engine] = {**result, **took}
        print(engine, json.dumps(results["engines"][engine]), flush=True)
        if options.out:  # after each engine: a run that is cut short has its results
            options.out.write_text(json.dumps(results, indent=1))
        subprocess.run(["rm", "-rf", str(work)], check=True)
    return results


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
    parser.add_argument("--target", type=float, default=AGREEMENT, help=argparse.SUPPRESS)
    parser.add_argument("--engine", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.engine == "sigsearch":
        result = build_sigsearch(options.base, options.each, options.work, options.local)
    elif options.engine == "sigsearch, searching":
        result = search_sigsearch(options.base, options.each, options.work)
    elif options.engine:
        result = run_peer(options.engine, options.base, options.each, options.work, options.target)
    else:
        with tempfile.TemporaryDirectory(dir=options.work) as name:
            compare(options, Path(name))
        return
    print("RESULT " + json.dumps(result))


if __name__ == "__main__":
    main()
