"""The words and tables of docs/benchmarks.md, from what scripts/benchmarks/page.py measured."""

from __future__ import annotations

from typing import Any

from summaries import number, table

OWN = "sigsearch"
TUNED, AT_99 = f"{OWN}, as it tunes itself", f"{OWN}, at 99 %"
RAW = "FAISS alone on these clusters, at 99 %"

_HEAD = """# The index, measured

Written by `python scripts/benchmarks/page.py`. One query is a vector in, five writers with their
records out (the other engines give row numbers). "Agreement" is how often the writer found first
is the one that exact search gives, on 1,000 queries that no engine was tuned on. Vectors: 600
embeddings of drawn signatures, and more writers mixed from them, ten references a writer. At AVX2,
FAISS is held to what older processors have; the graph indexes always use all that this one has.
Milliseconds are by the clock; in brackets is the time of the processor, all engines in turns.
"""


def page(results: dict[str, Any]) -> str:
    about, sizes = results["machine"], results["sizes"]
    machine = (
        f"Machine: {about['cores']} cores of {about['cpu']}, {about['memory_gib']} GiB, Python "
        f"{about['python']}, load {about['load_at_start']:.1f} at the start."
    )
    parts = [_HEAD + "\n" + machine, "## What to expect\n\n" + "\n".join(expected(about, sizes))]
    for size, found in sizes.items():
        parts.append(f"## {int(size):,} references\n\n" + built_table(found, int(size)))
        for level in found["levels"]:
            title = f"### {about['cpu']}, {level['level']} (load {level['load']:.1f})"
            parts.append(f"{title}\n\n{speeds(level)}\n\n{codes(level)}")
    return "\n\n".join(parts) + "\n"


def expected(about: dict[str, Any], sizes: dict[str, Any]) -> list[str]:
    """What a reader with a machine of some kind may count on: at most ten lines."""
    lines = []
    for size, found in sizes.items():
        for level in found["levels"]:
            tuned, own, raw = (level["engines"][name] for name in (TUNED, AT_99, RAW))
            graph = level["engines"].get("hnswlib")
            beside = f", {ratio(own, graph)} of hnswlib's time" if graph else ""
            lines.append(
                f"* **{int(size):,} references, {level['level']}** ({about['cpu']}): "
                f"{tuned['single_ms']:.2f} ms a query and {tuned['batch_ms'] / 100:.2f} ms in a "
                f"batch of 100, {100 * tuned['agreement']:.1f} % agreement. At 99 %: "
                f"{ratio(own, raw)} of raw FAISS on the same clusters{beside}."
            )
        tuned = found["levels"][-1]["engines"][TUNED]
        lines.append(
            f"* **Memory** at that size: {tuned['bytes']:.0f} bytes a reference and process; "
            f"opened and first answered in {tuned['opened_ms']:.0f} ms."
        )
    if len(sizes) > 1:
        lines.append(_memory_split(sizes))
    lines += [
        "* **Less memory, or many processes on one machine**: `sigsearch index optimise "
        "--memory 70` takes 1-bit codes, which processes share where they lie on disk.",
        "* **Above about five million references** those are taken unless you allow more, since "
        "the others are read whole when the index is opened.",
        "* **An index that moved to another kind of processor** answers the same; `sigsearch index "
        "info` says if another code would be faster there.",
    ]
    return lines


def _memory_split(sizes: dict[str, Any]) -> str:
    """Memory as what comes with each reference and what any index takes, by the two largest."""
    fewer, more = sorted(map(int, sizes))[-2:]
    taken = {
        size: size * sizes[str(size)]["levels"][-1]["engines"][TUNED]["bytes"]
        for size in (fewer, more)
    }
    each = (taken[more] - taken[fewer]) / (more - fewer)
    return (
        f"* **Of that memory** {each:.0f} bytes come with each reference, and "
        f"{(taken[more] - more * each) / 1e6:.0f} MB do not depend on how many there are."
    )


def ratio(one: dict[str, Any], other: dict[str, Any]) -> str:
    return f"{one['single_cpu_ms'] / other['single_cpu_ms']:.2f}"


def speeds(level: dict[str, Any]) -> str:
    head = ["", "agreement %", "effort", "one query ms", "batch of 100 ms", "bytes of memory"]
    rows = [
        [name, number(100 * one["agreement"], 1), str(one["effort"]),
         f"{one['single_ms']:.3f} ({one['single_cpu_ms']:.3f})",
         f"{one['batch_ms']:.1f} ({one['batch_cpu_ms']:.1f})", number(one.get("bytes"), 0)]
        for name, one in level["engines"].items()
    ]  # fmt: skip
    return table(head, rows)


def codes(level: dict[str, Any]) -> str:
    told = [
        f"{kind}: " + ", ".join(f"{code} {spent:.0f}" for code, spent in times.items())
        for kind, times in level["times"].items()
    ]
    if not told:
        return f"Code: {level['code']}."
    return (
        f"Code: {level['code']}, chosen when the clusters were built (microseconds of a query on "
        f"a sample; {'; '.join(told)})."
    )


def built_table(found: dict[str, Any], size: int) -> str:
    rows = [
        [name, number(one["build_s"], 0), number(one["build_cpu_s"], 0),
         number(one["disk"] / size, 0), number(one["load"], 1)]
        for name, one in found["built"].items()
    ]  # fmt: skip
    return table(["built", "s", "s of the processors", "bytes of disk a reference", "load"], rows)
