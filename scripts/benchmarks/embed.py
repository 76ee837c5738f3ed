"""Milliseconds an image from file to embedding, on one core and on two, and where the time goes.

python scripts/benchmarks/embed.py                 # drawn scans of 900 x 300
python scripts/benchmarks/embed.py FOLDER          # one's own images
python scripts/benchmarks/embed.py --peer          # beside a SigNet-shaped network in torch
python scripts/benchmarks/embed.py --files 2000    # `sigsearch embed` beside `Encoder.embed`

Everything compared is timed in turns, round after round, so that a busy machine slows all alike: on
one core by processor time, which other work hardly changes, on two by the clock.
"""

from __future__ import annotations

import argparse
import io
import os
import platform
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from PIL import Image

from sigsearch.encoder import Encoder
from sigsearch.imaging import load, read_signature
from sigsearch.synthesis import Writer

Work = Callable[[], object]


def drawn(count: int) -> list[bytes]:
    """PNG scans of 900 x 300, one a writer."""
    files = []
    for seed in range(count):
        page = Image.new("L", (900, 300), 245)
        specimen = Image.fromarray(Writer.from_seed(seed).specimen(0).page)
        specimen.thumbnail((860, 280))
        page.paste(specimen, (20, 10))
        out = io.BytesIO()
        page.save(out, "PNG")
        files.append(out.getvalue())
    return files


def in_turns(
    works: dict[str, Work], images: int, rounds: int, clock: Callable[[], float]
) -> dict[str, float]:
    """The median over rounds of each, milliseconds an image by `clock`."""
    spent: dict[str, list[float]] = {name: [] for name in works}
    for work in works.values():
        work()
    for _ in range(rounds):
        for name, work in works.items():
            began = clock()
            work()
            spent[name].append(clock() - began)
    return {name: 1000 * median(times) / images for name, times in spent.items()}


def our_works(files: list[bytes], encoder: Encoder) -> dict[str, Work]:
    signatures = [read_signature(file) for file in files]
    return {
        "decode": lambda: [load.load_page(file) for file in files],
        "decode and ink": lambda: [read_signature(file) for file in files],
        "network": lambda: encoder.embed(signatures),
        "whole": lambda: encoder.embed(files),
    }


def report(threads: int, found: dict[str, float]) -> None:
    print(
        f"{threads} core(s): {found['whole']:.2f} ms from file to embedding "
        f"({1000 / found['whole']:.0f} images/s); network alone {found['network']:.2f}; "
        f"on one core decode {found['decode']:.2f}, ink "
        f"{found['decode and ink'] - found['decode']:.2f}"
    )


def report_peer(found: dict[str, float]) -> None:
    """The peer's better way of several counts, for its network and for its whole path."""
    network = min(value for name, value in found.items() if name.startswith("peer network"))
    whole = min(value for name, value in found.items() if name.startswith("peer whole"))
    print(
        f"  SigNet-shaped network in torch: {network:.2f} ms alone, {whole:.2f} from file to "
        "features\n"
        f"  ours is faster by: {network / found['network']:.1f} network against network, "
        f"{network / found['whole']:.1f} whole path against network alone, "
        f"{whole / found['whole']:.1f} whole against whole"
    )


def processor_time() -> float:
    """Seconds of this process and of those it has seen end."""
    usages = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def report_files(count: int, rounds: int, encoder: Encoder) -> None:
    """`sigsearch embed` over drawn files, from the folder to the Parquet files, beside
    `Encoder.embed` of the same files, both on all cores; a ratio above 1: `embed` is faster."""
    from sigsearch.bulk import embed

    with tempfile.TemporaryDirectory() as place:
        root, pool = Path(place), drawn(min(count, 256))
        for number in range(count):
            folder = root / "in" / f"{number // 4:06}"
            folder.mkdir(parents=True, exist_ok=True)
            # The same picture again is another file: a PNG may be followed by anything
            (folder / f"{number}.png").write_bytes(pool[number % len(pool)] + b"%d" % number)
        files = [path.read_bytes() for path in sorted((root / "in").rglob("*.png"))]
        ratios = []
        for turn in range(rounds):
            began, used = time.perf_counter(), processor_time()
            encoder.embed(files)
            middle, used_then = time.perf_counter(), processor_time()
            done = embed(root / "in", root / f"out{turn}", encoder)
            ended, used_last = time.perf_counter(), processor_time()
            assert (done.rows, done.errors) == (count, 0)
            ratios.append((middle - began) / (ended - middle))
            print(
                f"  Encoder.embed {count / (middle - began):.1f} images/s (processor "
                f"{used_then - used:.1f} s), `sigsearch embed` {count / (ended - middle):.1f} "
                f"({used_last - used_then:.1f} s), load {os.getloadavg()[0]:.1f}",
                flush=True,
            )
    print(f"{count} files: `sigsearch embed` is {median(ratios):.2f} times as fast")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--count", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--peer", action="store_true", help="needs torch")
    parser.add_argument("--files", type=int, help="compare `sigsearch embed` over so many")
    parser.add_argument("--encoder", type=Path, help="a folder; else the one that ships")
    given = parser.parse_args()
    if given.files:
        report_files(given.files, given.rounds, Encoder.load(given.encoder))
        return
    files = (
        [p.read_bytes() for p in sorted(given.folder.iterdir())[: given.count]]
        if given.folder
        else drawn(given.count)
    )
    card = Encoder.load(given.encoder).card
    processor = platform.processor() or platform.machine()
    print(f"{processor}, {os.cpu_count()} cores, {len(files)} images, {card.id} {card.arithmetic}")
    for threads in (1, 2):
        works = our_works(files, Encoder.load(given.encoder, threads))
        if given.peer:
            sys.path.insert(0, str(Path(__file__).parents[1] / "encoder"))
            from signet_path import peer_works

            works |= peer_works(files, threads)
        clock = time.process_time if threads == 1 else time.perf_counter
        found = in_turns(works, len(files), given.rounds, clock)
        report(threads, found)
        if given.peer:
            report_peer(found)


if __name__ == "__main__":
    main()
