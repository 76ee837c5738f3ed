"""docs/benchmarks.md: sigsearch beside FAISS and two graph indexes, for two kinds of processors.

    python scripts/benchmarks/page.py runs/bench --base base.npz        # builds what is not there
    python scripts/benchmarks/page.py runs/bench --write                # the page, from its results

FAISS, and with it sigsearch, is held to AVX2 in one run and uses all that the processor has in the
other. The graph indexes always use all. All engines of a run take turns in one process, so that
what else the machine does meets them alike.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from measure import AGREEMENT, BATCH, K, machine, memory, result_of, timed
from page_tables import page
from peers import GRAPH_EFFORTS, PEERS
from prepared import EACH, GRAPHS, OWN, build, engine_folder, vectors_in
from search import FaissAlone, least

from sigsearch.arrays import Ids, Singles

RESULTS, PAGE = "results.json", Path(__file__).parents[2] / "docs" / "benchmarks.md"
_PROBES = (4, 6, 8, 12, 16, 20, 24, 28, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 256, 384)
Search = Callable[[Singles], Ids]


def measure(folder: Path, level: str, engines: list[str]) -> dict[str, Any]:
    """All engines, in turns, at one level."""
    import faiss

    from sigsearch.index import WriterIndex

    module: Any = faiss
    if level != "best":
        module.SIMDConfig.set_level(getattr(module, f"SIMDLevel_{level}"))
    asked, expected = np.load(folder / "queries.npy"), np.load(folder / "truth.npy")
    size = len(np.load(folder / "references.npy", mmap_mode="r"))
    found: dict[str, dict[str, Any]] = {}
    searches: dict[str, Callable[[Singles], object]] = {}

    def agreed(search: Search) -> float:
        parts = [asked[at : at + BATCH] for at in range(0, len(asked), BATCH)]
        return float((np.concatenate([search(part) for part in parts]) == expected).mean())

    before, began = memory()["anonymous"], time.perf_counter()
    with WriterIndex.open(engine_folder(folder, OWN) / "index", read_only=True) as index:
        index.search(asked[:1], K)
        opened = 1e3 * (time.perf_counter() - began)

        def writers(part: Singles) -> Ids:
            names = index.search(part, K).writers[:, 0]
            return np.array([int(name.split()[1]) for name in names])

        writers(asked)
        used = (memory()["anonymous"] - before) / size
        cache = index._searcher._cache
        assert cache is not None
        clusters: Any = getattr(cache.structure, "base")  # noqa: B009 - of clusters only
        tuned, info = clusters.probes, index.info()
        alone = FaissAlone(folder, engine_folder(folder, OWN), EACH, clusters.looked_at)

        def with_probes(probes: int) -> float:
            clusters.probes = probes
            return agreed(writers)

        def own(probes: int) -> Callable[[Singles], object]:
            def search(some: Singles) -> object:
                clusters.probes = probes
                return index.search(some, K)

            return search

        at_99 = least(_PROBES, with_probes, AGREEMENT)
        for name, probes in (("at 99 %", at_99), ("as it tunes itself", tuned)):
            found[f"{OWN}, {name}"] = {"effort": probes, "agreement": with_probes(probes)}
            searches[f"{OWN}, {name}"] = own(probes)
            raw = f"FAISS alone on these clusters, {name}"
            part = agreed(lambda some, probes=probes: alone.writers(some, probes))
            found[raw] = {"effort": probes, "agreement": part}
            searches[raw] = lambda some, probes=probes: alone(some, probes)
        for engine in engines:
            before, peer = memory()["anonymous"], PEERS[engine]()
            peer.load(asked.shape[1], engine_folder(folder, engine))  # type: ignore[attr-defined]

            def reach(effort: int, peer: Any = peer) -> float:
                return agreed(lambda some: peer.search(some, K, effort)[:, 0] // EACH)

            effort = least(GRAPH_EFFORTS, reach, AGREEMENT)
            found[engine] = {"effort": effort, "agreement": reach(effort)}
            found[engine]["bytes"] = (memory()["anonymous"] - before) / size
            searches[engine] = lambda some, peer=peer, effort=effort: peer.search(some, K, effort)
        for name, times in timed(searches, asked).items():
            found[name] |= times
    found[f"{OWN}, as it tunes itself"] |= {"bytes": used, "opened_ms": opened}
    about = {"level": module.SIMDConfig.get_level_name(), "load": os.getloadavg()[0]}
    codes = index._searcher.agreement().times
    return {**about, "code": info.code, "recall": info.recall, "times": codes, "engines": found}


def run(out: Path, base: Path | None, sizes: list[int], engines: list[str]) -> dict[str, Any]:
    known = json.loads((out / RESULTS).read_text()) if (out / RESULTS).exists() else {"sizes": {}}
    results: dict[str, Any] = {"machine": machine(), "sizes": known["sizes"]}
    for size in sizes:
        folder = out / str(size)
        if base is not None:
            vectors_in(folder, base, size)
        built = {engine: build(folder, engine) for engine in (OWN, *engines)}
        levels = []
        for level in ("AVX2", "best"):
            command = [sys.executable, __file__, str(folder), "--level", level, "--engines"]
            done = subprocess.run(
                [*command, *engines], stdout=subprocess.PIPE, text=True, check=True
            )
            levels.append(result_of(done.stdout))
            print(size, level, json.dumps(levels[-1]), flush=True)
        results["sizes"][str(size)] = {"built": built, "levels": levels}
        (out / RESULTS).write_text(json.dumps(results, indent=1))
    return results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path, help="folder for vectors, indexes and results")
    parser.add_argument("--base", type=Path, help="embeddings by scripts/benchmarks/vectors.py")
    parser.add_argument("--sizes", type=int, nargs="+", default=[120_000, 1_000_000])
    parser.add_argument("--engines", nargs="*", default=list(GRAPHS))
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.name} from the results")
    parser.add_argument("--level", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.level:
        print("RESULT " + json.dumps(measure(options.out, options.level, options.engines)))
        return
    if not options.write:
        run(options.out, options.base, options.sizes, options.engines)
    PAGE.write_text(page(json.loads((options.out / RESULTS).read_text())))
    print(f"{PAGE} is written")


if __name__ == "__main__":
    main()
