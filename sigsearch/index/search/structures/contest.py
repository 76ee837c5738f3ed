"""Which code answers soonest on this processor: measured on some of the references when clusters
are built.

Kinds of processors that have fewer instructions than this one are measured on it as well (FAISS
can be held to them), so that an index that was moved knows which code suits where it is.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from sigsearch.index.search.structures.codes import CODES, FASTSCAN, RABITQ, Code
from sigsearch.index.search.structures.protocol import Floats

Times = Mapping[str, Mapping[str, float]]
"""Microseconds of one query by each code, by kind of processor."""

MEMORY = 128  # bytes a reference, unless another limit is set
_AT_ONCE = 1 << 29  # bytes read when opened; without a limit of one's own no more than that
_SAMPLE, _QUERIES, _PROBES, _ROUNDS = 16_384, 24, 48, 3
_TRAINED_ON = 2048  # the time that a code takes does not depend on how good it is
_LEVELS = ("AVX2", "AVX512", "AVX512_VPOPCNT", "AVX512_SPR", "ARM_NEON", "ARM_SVE", "RISCV_RVV")
_NOTABLE = 1.1


def affordable(references: int, dimensions: int, lists: int, memory: int | None) -> list[Code]:
    """Codes within `memory` bytes a reference, and those that need the least in any case."""
    limit, found = memory or MEMORY, [RABITQ]
    takes = FASTSCAN.bytes(dimensions, references / lists)
    read = takes * references
    if takes <= limit and (memory is not None or read <= _AT_ONCE):
        found.append(FASTSCAN)
    return [code for code in found if references >= code.trained_on]


def measured(codes: list[Code], centroids: Any, in_a_list: float, sample: Floats) -> Times:
    """How long codes take to find what is nearest, in lists of so many entries, and to weigh it."""
    some = sample[:_SAMPLE]
    lists = int(np.clip(len(some) / in_a_list, 1, centroids.ntotal))
    middles = np.stack([centroids.reconstruct(one) for one in range(lists)])
    indexes = [(code, _filled(code, middles, some)) for code in codes]
    asked = some[:: max(1, len(some) // _QUERIES)][:_QUERIES]
    found: dict[str, dict[str, float]] = {}
    with _as_it_was() as levels:
        for name, level in levels:
            _hold_to(level)
            best = dict.fromkeys((code.name for code in codes), np.inf)
            for _ in range(_ROUNDS):
                for code, index in indexes:
                    began = time.thread_time()
                    for one in asked:
                        _, ids = index.search(one[None], code.looked_at)
                        some.take(ids[0], 0) @ one
                    spent = 1e6 * (time.thread_time() - began) / len(asked)
                    best[code.name] = min(best[code.name], spent)
            found[name] = {code: round(spent, 1) for code, spent in best.items()}
    return found


def fastest(codes: list[Code], times: Times) -> Code:
    """The one of `codes` that was the fastest on this processor."""
    here = times.get(level_here(), {})
    return min(codes, key=lambda code: here.get(code.name, np.inf))


def faster(code: str, times: Times) -> str | None:
    """A code that is notably faster on this processor than `code`, as far as that is known."""
    here = {name: spent for name, spent in times.get(level_here(), {}).items() if name in CODES}
    if code not in here:
        return None
    best = min(here, key=lambda name: here[name])
    return best if here[code] > _NOTABLE * here[best] else None


def level_here() -> str:
    """What FAISS calls the instructions that it uses."""
    import faiss

    config: Any = getattr(faiss, "SIMDConfig", None)
    return str(config.get_level_name()) if config else ""


def _filled(code: Code, centroids: Floats, vectors: Floats) -> Any:
    import faiss

    flat = faiss.IndexFlatIP(vectors.shape[1])
    flat.add(np.ascontiguousarray(centroids))
    index = code.index(flat, vectors.shape[1], len(centroids), vectors[:_TRAINED_ON])
    index.add(np.ascontiguousarray(vectors))
    index.nprobe = min(_PROBES, len(centroids))
    return index


@contextmanager
def _as_it_was() -> Iterator[list[tuple[str, Any]]]:
    """The kinds of instructions that can be measured here; afterwards FAISS uses what it used."""
    import faiss

    module: Any = faiss
    config = getattr(module, "SIMDConfig", None)
    if config is None:
        yield [("", None)]
        return
    used = config.get_level()
    known = [(name, getattr(module, f"SIMDLevel_{name}", None)) for name in _LEVELS]
    try:
        yield [
            (name, level)
            for name, level in known
            if level is not None and config.is_simd_level_available(level)
        ] or [(level_here(), used)]
    finally:
        config.set_level(used)


def _hold_to(level: Any) -> None:
    import faiss

    if level is not None:
        module: Any = faiss
        module.SIMDConfig.set_level(level)
