"""What one index costs as it grows from ten thousand references to ten million.

    python scripts/benchmarks/vectors.py base.npz
    python scripts/benchmarks/growth.py base.npz --upto 10000000 --out growth.json
    python scripts/benchmarks/growth.py growth.json --plot docs/research/benchmarks/growth.png

At every size the search structure is built, the index is closed, and a process of its own opens
it, compares its answers with those of exact search, and times them.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from measure import K, Truth, disk, machine, memory, result_of, timed
from vectors import Base

EACH, BATCH, QUERIES = 10, 10_000, 500
SIZES = (10_000, 30_000, 100_000, 300_000, 1_000_000, 3_000_000, 10_000_000)


def grow(base: Base, folder: Path, sizes: list[int]) -> Iterator[dict[str, Any]]:
    from sigsearch.index import EncoderIdentity, Reference, WriterIndex

    rng, path = np.random.default_rng(0), folder / "index"
    enrolled, spent = 0, 0.0
    centres = base.centres(rng, BATCH // EACH)
    asked = base.specimens(rng, centres)[:QUERIES]
    truth = Truth(asked, EACH)
    identity = EncoderIdentity("benchmark", 1, asked.shape[1])
    np.save(folder / "queries.npy", asked)
    for size in sizes:
        with WriterIndex.create(path, identity, exist_ok=True) as index:
            while enrolled < size:
                vectors = base.specimens(rng, np.repeat(centres, EACH, axis=0))
                truth.see(vectors, enrolled)
                began = time.perf_counter()
                index.enrol(
                    [
                        Reference(f"writer {row // EACH}", one, b"", f"{row:064x}", f"{row}.png")
                        for row, one in enumerate(vectors, enrolled)
                    ]
                )
                spent += time.perf_counter() - began
                enrolled += len(vectors)
                centres = base.centres(rng, BATCH // EACH)
            began = time.perf_counter()
            index.optimise()
            built = time.perf_counter() - began
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        np.save(folder / "truth.npy", truth.writer)
        command = [sys.executable, __file__, str(folder), "--measure"]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        found = {"references": size, "enrol_s": round(spent, 1), "build_s": round(built, 1)}
        found |= {"peak_bytes_building": peak, "load": os.getloadavg()[0]}
        yield {**found, **result_of(done.stdout)}


def measure(folder: Path) -> dict[str, Any]:
    from sigsearch.index import WriterIndex

    asked, expected = np.load(folder / "queries.npy"), np.load(folder / "truth.npy")
    before, began = memory(), time.perf_counter()
    with WriterIndex.open(folder / "index", read_only=True) as index:
        index.search(asked[:1], K)
        opened = time.perf_counter() - began
        after_one = memory()
        names = np.concatenate(
            [index.search(asked[at : at + 100], K).writers for at in range(0, len(asked), 100)]
        )
        right = np.array([int(name.split()[1]) for name in names[:, 0]]) == expected
        times = timed({"": lambda some: index.search(some, K)}, asked)[""]
        info = index.info()
        used = memory()
    return {
        "structure": info.structure, "agreement": float(right.mean()), "told": info.recall,
        "open_and_first_ms": round(1e3 * opened), **times,
        "anonymous_bytes_open": after_one["anonymous"] - before["anonymous"],
        "anonymous_bytes": used["anonymous"] - before["anonymous"],
        "resident_bytes": used["resident"], "disk_bytes": disk(folder / "index"),
    }  # fmt: skip


def plot(results: list[dict[str, Any]], out: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    sizes = [one["references"] for one in results]
    figure, axes = pyplot.subplots(1, 3, figsize=(10, 3.2), layout="constrained")
    lines = (
        ("milliseconds", (("one query", "single_ms", 1),
                          ("opened, first answer", "open_and_first_ms", 1),
                          ("one of a batch of 100", "batch_ms", 0.01))),
        ("bytes", (("on disk", "disk_bytes", 1), ("peak, building", "peak_bytes_building", 1),
                   ("resident, searching", "resident_bytes", 1),
                   ("of these not file pages", "anonymous_bytes", 1))),
        ("seconds", (("enrolled, in all", "enrol_s", 1), ("structure built", "build_s", 1))),
    )  # fmt: skip
    for axis, (unit, drawn) in zip(axes, lines, strict=True):
        for label, field, factor in drawn:
            axis.plot(
                sizes, [factor * one[field] for one in results], marker="o", ms=3, label=label
            )
        axis.set(xscale="log", yscale="log", xlabel="references", ylabel=unit)
        axis.grid(alpha=0.3)
        axis.legend(fontsize=7)
    out.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(out, dpi=90)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", type=Path, help="base.npz; with --plot the results")
    parser.add_argument("--upto", type=int, default=1_000_000)
    parser.add_argument("--sizes", type=int, nargs="+", help="measured at these instead")
    parser.add_argument("--work", type=Path, help="folder for the index")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--plot", type=Path)
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print("RESULT " + json.dumps(measure(options.source)))
    elif options.plot:
        plot(json.loads(options.source.read_text())["sizes"], options.plot)
    else:
        results: dict[str, Any] = {"machine": machine(), "sizes": []}
        sizes = options.sizes or [size for size in SIZES if size <= options.upto]
        with tempfile.TemporaryDirectory(dir=options.work) as folder:
            for found in grow(Base.load(options.source), Path(folder), sizes):
                print(json.dumps(found), flush=True)
                results["sizes"].append(found)
                if options.out:  # after each size: a run that is cut short has its results
                    options.out.write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
