"""The tables of a benchmark log, from what the index benchmarks wrote.

python scripts/benchmarks/summaries.py index.json query.json growth.json
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

Row = list[str]


def table(head: Row, rows: list[Row]) -> str:
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def number(value: float | None, digits: int = 2) -> str:
    return "" if value is None else f"{value:,.{digits}f}"


def index_tables(results: dict[str, Any]) -> list[str]:
    """sigsearch beside FAISS on its own clusters, and beside every other engine."""
    engines = results["engines"]
    own, others = engines["sigsearch"], {k: v for k, v in engines.items() if k != "sigsearch"}
    beside = [
        [label, number(100 * one["agreement"], 1), str(one["effort"]),
         number(one["single_ms"], 3), number(one["batch_ms"], 1)]
        for name, level in (("as it tunes itself", "tuned"), ("at 99 %", "at_99")) if level in own
        for label, one in ((f"sigsearch, {name}", own[level]),
                           ("FAISS alone, same probes", own[f"{level}_by_faiss_alone"] |
                            {"effort": own[level]["effort"]}))
    ]  # fmt: skip
    head = ["", "agreement %", "effort", "one query ms", "batch of 100 ms"]
    rows = []
    for name, one in engines.items():
        if "failed" in one:
            rows.append(
                [
                    name,
                    "failed: " + (one["failed"].strip() or "stopped").splitlines()[-1][:80],
                    *[""] * 7,
                ]
            )
            continue
        low, high = one.get("at_99", one.get("tuned")), one.get("as_sigsearch", one.get("tuned"))
        rows.append(
            [name, *[text for level in (low, high) for text in
                     (number(100 * level["agreement"], 1), number(level["single_ms"], 3),
                      number(level["batch_ms"], 1))],
             number(one["build_s"], 0), number(one["bytes_a_reference"], 0)]
        )  # fmt: skip
    wide = ["", "agreement %, least effort for 99", "one query ms", "batch of 100 ms",
            "agreement %, as sigsearch tunes itself", "one query ms", "batch of 100 ms",
            "build s", "bytes of memory a reference"]  # fmt: skip
    found = [table(head, beside), table(wide, rows)]
    ivf = others.get("faiss ivf rabitq", {})
    if "build_s" in ivf and "build_s" in own:
        found.append(
            f"Built in {own['build_s'] / ivf['build_s']:.2f} times raw FAISS "
            f"({own['build_s']} s and {ivf['build_s']} s; CPU {own['build_cpu_s']} and "
            f"{ivf['build_cpu_s']} s); enrolled before in {own['enrol_s']} s; open and first "
            f"answer {own['open_and_first_ms']} ms."
        )
    return found


def query_table(results: dict[str, Any]) -> str:
    rows = [
        [kind, number(results[f"{kind}_median_s"], 2), ", ".join(map(str, results["runs"][kind]))]
        for kind in ("cold", "warm")
    ]
    return table([f"{results['references']:,} references", "median s", "runs s"], rows)


def growth_table(results: dict[str, Any]) -> str:
    head = ["references", "structure", "agreement %", "one query ms", "batch of 100 ms",
            "open and first ms", "enrolled s", "built s", "peak GiB building",
            "bytes of memory a reference", "GiB on disk"]  # fmt: skip
    rows = [
        [f"{one['references']:,}", one["structure"], number(100 * one["agreement"], 1),
         number(one["single_ms"], 2), number(one["batch_ms"], 1), str(one["open_and_first_ms"]),
         number(one["enrol_s"], 0), number(one["build_s"], 0),
         number(one["peak_bytes_building"] / 2**30, 1),
         number(one["anonymous_bytes"] / one["references"], 0),
         number(one["disk_bytes"] / 2**30)]
        for one in results["sizes"]
    ]  # fmt: skip
    return table(head, rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", type=Path, nargs="+")
    for path in parser.parse_args().results:
        results = json.loads(path.read_text())
        about = results["machine"]
        print(
            f"\n{about['cpu']}, {about['cores']} cores, {about['memory_gib']} GiB, Python "
            f"{about['python']}, load {about['load_at_start']:.1f} at the start\n"
        )
        if "engines" in results:
            print("\n\n".join(index_tables(results)))
        elif "sizes" in results:
            print(growth_table(results))
        else:
            print(query_table(results))


if __name__ == "__main__":
    main()
