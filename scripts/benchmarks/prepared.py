"""What the benchmarks of a page search: vectors, and the engines' indexes, built once and kept.

    python scripts/benchmarks/prepared.py base.npz runs/bench --sizes 120000 1000000

A second call goes on where the first one ended. Every engine is built by a process of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
from measure import Built, disk, memory, result_of, truth
from peers import PEERS
from vectors import Base, expanded

EACH, QUERIES = 10, 1000
GRAPHS = ("hnswlib", "usearch f16")
OWN = "sigsearch"


def vectors_in(folder: Path, base: Path, references: int) -> None:
    """References, queries, and the closest writer of each query."""
    if (folder / "truth.npy").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    rows, asked = expanded(Base.load(base), folder, references // EACH, EACH, QUERIES)
    np.save(folder / "truth.npy", truth(np.load(rows, mmap_mode="r"), np.load(asked), EACH))


def engine_folder(folder: Path, engine: str) -> Path:
    return folder / engine.replace(" ", "-")


def build_peer(folder: Path, engine: str) -> dict[str, Any]:
    references, before = np.load(folder / "references.npy", mmap_mode="r"), memory()
    place, peer, began = engine_folder(folder, engine), PEERS[engine](), Built()
    peer.build(references, place)
    used = memory()["anonymous"] - before["anonymous"]
    facts: dict[str, Any] = {**began.facts("build"), "disk": disk(place)}
    return {**facts, "bytes_a_reference": round(used / len(references))}


def build_own(folder: Path, memory_budget: int | None = None) -> dict[str, Any]:
    from sigsearch.index import EncoderIdentity, Reference, WriterIndex

    references = np.load(folder / "references.npy", mmap_mode="r")
    identity, began = EncoderIdentity("benchmark", 1, references.shape[1]), Built()
    place = engine_folder(folder, OWN)
    with WriterIndex.create(place / "index", identity, exist_ok=True) as index:
        for start in range(len(index), len(references), 10_000):
            index.enrol(
                [
                    Reference(f"writer {row // EACH}", one, b"", f"{row:064x}", f"{row}.png")
                    for row, one in enumerate(np.asarray(references[start : start + 10_000]), start)
                ]
            )
        facts, began = began.facts("enrol"), Built()
        index.optimise()
        facts |= began.facts("build")
    return {**facts, "disk": disk(place)}


def build(folder: Path, engine: str) -> dict[str, Any]:
    """Built in a process of its own, once; what that took."""
    place = engine_folder(folder, engine)
    told = place / "built.json"
    if not told.exists():
        place.mkdir(exist_ok=True)
        command = [sys.executable, __file__, str(folder), str(folder), "--engine", engine]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        facts = result_of(done.stdout) | {"load": os.getloadavg()[0]}
        told.write_text(json.dumps(facts, indent=1))
        print(folder.name, engine, json.dumps(facts), flush=True)
    found: dict[str, Any] = json.loads(told.read_text())
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("base", type=Path, help="embeddings by scripts/benchmarks/vectors.py")
    parser.add_argument("out", type=Path)
    parser.add_argument("--sizes", type=int, nargs="+", default=[120_000, 1_000_000])
    parser.add_argument("--engines", nargs="+", default=[*GRAPHS, OWN])
    parser.add_argument("--engine", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.engine:
        work = build_own if options.engine == OWN else build_peer
        facts = (
            build_own(options.out) if work is build_own else build_peer(options.out, options.engine)
        )
        print("RESULT " + json.dumps(facts))
        return
    for size in options.sizes:
        folder = options.out / str(size)
        vectors_in(folder, options.base, size)
        for engine in options.engines:
            build(folder, engine)


if __name__ == "__main__":
    main()
