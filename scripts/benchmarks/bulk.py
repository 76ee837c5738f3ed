"""One core against two for what works on many images: `index build`, `embed`, `verify --claims`,
`query`; from decoding to the store.

python scripts/benchmarks/bulk.py --images 1000 --rounds 3

Each is a whole process of the command line, on one core and on two in turns, round after round.
`wall` is how many times sooner two cores are done: the figure that counts on a quiet machine.
`processor` is how much more processor time two cores take for the same: on a busy machine it tells
what the sharing costs, and 2 / processor is the most that `wall` could be.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

from PIL import Image

from sigsearch.synthesis import Writer

EACH = 4  # references a writer
Words = Sequence[str]


def scan(writer: Writer, number: int) -> Image.Image:
    """One of 900 x 300."""
    page = Image.new("L", (900, 300), 245)
    specimen = Image.fromarray(writer.specimen(number).page)
    specimen.thumbnail((860, 280))
    page.paste(specimen, (20, 10))
    return page


def draw(root: Path, images: int) -> int:
    """References, a question for each writer, and a claim for each question; how many writers."""
    writers, claims = max(images // EACH, 1), ["image,writer"]
    (root / "asked").mkdir()
    for seed in range(writers):
        writer = Writer.from_seed(seed)
        folder = root / "references" / f"{seed:06}"
        folder.mkdir(parents=True)
        for number in range(EACH):
            scan(writer, number).save(folder / f"{number}.png")
        scan(writer, EACH).save(root / "asked" / f"{seed:06}.png")
        claims.append(f"asked/{seed:06}.png,{seed if seed % 4 else (seed + 1) % writers:06}")
    (root / "claims.csv").write_text("\n".join(claims) + "\n")
    return writers


def spent(cores: int, words: Words) -> tuple[float, float]:
    """Seconds by the clock and of the processor, of a command and all its processes."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [sys.executable, "-m", "sigsearch", *words, "--json"]
    places = sorted(os.sched_getaffinity(0))[:cores]
    done = subprocess.run(
        ["taskset", "-c", ",".join(map(str, places)), *command],
        capture_output=True,
        text=True,
    )
    if done.returncode not in (0, 1, 2) or not done.stdout:  # 2: an image was refused
        raise SystemExit(f"{' '.join(words)}: {done.stderr[-2000:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return time.perf_counter() - began, used


def works(root: Path) -> dict[str, Callable[[int], Words]]:
    """The words of each command, in a place of its own for each run."""
    index, asked = str(root / "index"), sorted(map(str, (root / "asked").iterdir()))
    references = str(root / "references")
    return {
        "index build": lambda n: ("index", "build", references, "-i", str(root / f"built{n}")),
        "embed": lambda n: ("embed", references, str(root / f"embedded{n}")),
        "verify --claims": lambda _: ("verify", "--claims", str(root / "claims.csv"), "-i", index),
        "query": lambda _: ("query", *asked, "-i", index),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--images", type=int, default=1000, help="references")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="", help="one of the commands")
    given = parser.parse_args()
    root = Path(tempfile.mkdtemp())
    try:
        writers = draw(root, given.images)
        print(f"{writers * EACH} references, {writers} questions, load {os.getloadavg()[0]:.1f}")
        spent(2, ("index", "build", str(root / "references"), "-i", str(root / "index")))
        run = 0
        for name, words in works(root).items():
            if given.only and name != given.only:
                continue
            walls, processors = list[float](), list[float]()
            for _ in range(given.rounds):
                one, two = (spent(cores, words(run + cores)) for cores in (1, 2))
                run += 2
                walls.append(one[0] / two[0])
                processors.append(two[1] / one[1])
                print(
                    f"  {name}: one core {one[0]:.1f} s (processor {one[1]:.1f}), two {two[0]:.1f} "
                    f"({two[1]:.1f}), load {os.getloadavg()[0]:.1f}",
                    flush=True,
                )
            print(f"{name}: wall {median(walls):.2f}, processor {median(processors):.2f}")
    finally:
        shutil.rmtree(root)


if __name__ == "__main__":
    main()
