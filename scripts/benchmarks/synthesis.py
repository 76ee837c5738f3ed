"""Speed of the synthesis on one core, and whether many writers stay apart.

    python scripts/benchmarks/synthesis.py speed
    python scripts/benchmarks/synthesis.py apart --writers 10000 \
        --picture docs/research/synthesis/nearest.png

`speed` reports CPU time, so that other work on the machine disturbs it little. `apart` counts
equal content hashes and finds the writers that are nearest under the shipped encoder (or the one
in --model), with a picture of the nearest pairs.
"""

from __future__ import annotations

import argparse
import hashlib
import resource
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sigsearch.encoder import Encoder
from sigsearch.imaging import Signature, signature_from_ink
from sigsearch.synthesis import STYLES, Specimen, Writer, capture, duplicate, stream, writer_seed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    tasks = parser.add_subparsers(dest="task", required=True)
    fast = tasks.add_parser("speed")
    fast.add_argument("--count", type=int, default=400)
    apart = tasks.add_parser("apart")
    apart.add_argument("--writers", type=int, default=10_000)
    apart.add_argument("--seed", type=int, default=1)
    apart.add_argument("--model", type=Path, help="another encoder than the shipped one")
    apart.add_argument("--hashes-only", action="store_true")
    apart.add_argument("--picture", type=Path, default=Path("docs/research/synthesis/nearest.png"))
    asked = parser.parse_args()
    if asked.task == "speed":
        measure_speed(asked.count)
    else:
        encoder = None if asked.hashes_only else Encoder.load(asked.model, threads=1)
        measure_distance(asked.writers, asked.seed, encoder, asked.picture)


def measure_speed(count: int) -> None:
    per_writer = 8
    writers = count // per_writer
    clean = list(stream(1, writers, per_writer))
    drawn: dict[str, Callable[[], Iterator[object]]] = {
        "writers": lambda: (Writer.from_seed(seed) for seed in range(count)),
        "genuine, clean ink": lambda: stream(1, writers, per_writer),
        "genuine and forged, clean ink": lambda: stream(1, writers, 4, 4),
        "duplicates": lambda: (duplicate(s.mask, 1) for s in clean),
    }
    for style in STYLES[1:]:
        drawn[f"genuine, {style}"] = lambda style=style: (
            capture(s, style) for s in stream(1, writers, per_writer)
        )
    for name, run in drawn.items():
        begin = time.process_time()
        made = sum(1 for _ in run())
        print(f"{name}: {made / (time.process_time() - begin):.0f} a second of CPU time")
    before = peak_memory()
    for _ in stream(2, writers * 4, per_writer):
        pass
    print(f"memory: peak {before:.0f} MiB, after four times as many {peak_memory():.0f} MiB")


def peak_memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure_distance(count: int, seed: int, encoder: Encoder | None, picture: Path) -> None:
    inks: set[str] = set()
    canvases: set[str] = set()
    rows = []
    queue = specimens(count, seed, inks, canvases)
    while batch := list(islice(queue, 64)):
        if encoder:
            rows.append(encoder.embed(batch).vectors)
    print(f"{count} writers: {len(inks)} distinct inks, {len(canvases)} distinct canvases")
    if encoder:
        measure_pairs(encoder, np.concatenate(rows), seed, picture)


def measure_pairs(encoder: Encoder, vectors: NDArray[np.float32], seed: int, picture: Path) -> None:
    count = len(vectors)
    pairs, distance = nearest(vectors)
    own = own_distances(encoder, [writer_seed(seed, i) for i in range(min(count, 300))])
    print(f"encoder {encoder.card.id}")
    print(f"distance to the nearest other writer: {quantiles(distance)}")
    print(f"distance between two specimens of one writer: {quantiles(own)}")
    low = float(np.median(own))
    print(
        f"writers nearer to another than the median of their own kind ({low:.3f}): "
        f"{float((distance < low).mean()):.2%}"
    )
    draw_pairs(pairs[:12], seed, picture)
    for a, b, apart in pairs[:12]:
        print(f"  writers {a} and {b}: {apart:.4f}")


def specimens(count: int, seed: int, inks: set[str], canvases: set[str]) -> Iterator[Signature]:
    for index in range(count):
        specimen = first(index, seed)
        signature = signature_from_ink(specimen.mask)
        inks.add(content_hash(specimen.ink))
        canvases.add(content_hash(signature.canvas))
        yield signature


def content_hash(pixels: NDArray[np.uint8]) -> str:
    return hashlib.sha256(f"{pixels.shape}".encode() + pixels.tobytes()).hexdigest()


def first(index: int, seed: int) -> Specimen:
    return Writer.from_seed(writer_seed(seed, index)).specimen(0)


Pair = tuple[int, int, float]


def nearest(vectors: NDArray[np.float32]) -> tuple[list[Pair], NDArray[np.float32]]:
    """Each writer's distance to the nearest other, and the pairs in that order, each once."""
    best = np.empty(len(vectors), np.int64)
    distance = np.empty(len(vectors), np.float32)
    for start in range(0, len(vectors), 1000):
        closeness = vectors[start : start + 1000] @ vectors.T
        rows = np.arange(len(closeness))
        closeness[rows, start + rows] = -2
        best[start : start + 1000] = closeness.argmax(1)
        distance[start : start + 1000] = 1 - closeness.max(1)
    pairs: dict[tuple[int, int], float] = {}
    for i in np.argsort(distance):
        a, b = sorted((int(i), int(best[i])))
        pairs.setdefault((a, b), float(distance[i]))
    return [(a, b, apart) for (a, b), apart in pairs.items()], distance


def own_distances(encoder: Encoder, seeds: list[int]) -> NDArray[np.float32]:
    pairs = [
        signature_from_ink(Writer.from_seed(s).specimen(k).mask) for s in seeds for k in (0, 7)
    ]
    vectors = encoder.embed(pairs).vectors
    return 1 - (vectors[::2] * vectors[1::2]).sum(1)


def quantiles(values: NDArray[np.float32]) -> str:
    shares = (0, 1, 10, 50, 90)
    found = np.percentile(values, shares)
    return ", ".join(f"{s} % {v:.3f}" for s, v in zip(shares, found, strict=True))


def draw_pairs(pairs: list[Pair], seed: int, out: Path) -> None:
    width, height = 230, 100
    page = Image.new("L", (4 * width + 40, height * -(-len(pairs) // 2)), 255)
    for place, (a, b, _) in enumerate(pairs):
        for side, index in enumerate((a, b)):
            ink = Image.fromarray(first(index, seed).page)
            ink.thumbnail((width - 16, height - 16), Image.Resampling.BOX)
            left = (place % 2) * (2 * width + 40) + side * width + (width - ink.width) // 2
            page.paste(ink, (left, (place // 2) * height + (height - ink.height) // 2))
    out.parent.mkdir(parents=True, exist_ok=True)
    page.quantize(16).save(out, optimize=True)


if __name__ == "__main__":
    main()
