"""How long the whole program takes for one `sigsearch query`, from its start to its answer.

    python scripts/benchmarks/vectors.py base.npz
    python scripts/benchmarks/query.py base.npz --writers 100000 --index INDEX --out query.json

The index holds invented writers (scripts/benchmarks/vectors.py) with the tokens of real drawings;
one that is at INDEX already is used as it is. Before each cold run the files of the index are put
out of the memory of the operating system; the program's own files stay there.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np
from measure import disk, machine
from vectors import Base

EACH, TEMPLATES, RUNS = 10, 16, 7


def build(base: Base, path: Path, writers: int) -> None:
    from sigsearch.encoder import Encoder
    from sigsearch.engine.agreement import keep_agreement
    from sigsearch.engine.enrolment import identity_of
    from sigsearch.engine.template import pack_template
    from sigsearch.imaging import signature_from_ink
    from sigsearch.index import Reference, WriterIndex
    from sigsearch.synthesis import Writer

    encoder, rng = Encoder.load(), np.random.default_rng(0)
    drawn = [signature_from_ink(Writer.from_seed(n).specimen(0).mask) for n in range(TEMPLATES)]
    read = encoder.embed(drawn)
    local = [pack_template(read, n, drawn[n]) for n in range(TEMPLATES)]
    with WriterIndex.create(path, identity_of(encoder)) as index:
        for start in range(0, writers, 1000):
            centres = base.centres(rng, min(1000, writers - start))
            vectors = base.specimens(rng, np.repeat(centres, EACH, axis=0))
            references = [
                Reference(
                    f"writer {row // EACH}", one, local[row % TEMPLATES], f"{row:016x}{0:048x}",
                    f"{row}.png",
                )
                for row, one in enumerate(vectors, start * EACH)
            ]  # fmt: skip
            index.enrol(keep_agreement(index, encoder, references))
        index.optimise()


def references(path: Path) -> int:
    from sigsearch.index import WriterIndex

    with WriterIndex.open(path, read_only=True) as index:
        return len(index)


def evict(folder: Path) -> None:
    """Ask the operating system to forget what it has read of these files."""
    for path in folder.rglob("*"):
        if path.is_file():
            descriptor = os.open(path, os.O_RDONLY)
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(descriptor)


def seconds(image: Path, index: Path, cold: bool) -> float:
    if cold:
        evict(index)
    program = "from sigsearch.cli import main; main()"
    command = [sys.executable, "-c", program, "query", str(image), "-i", str(index), "--json"]
    began = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    taken = time.perf_counter() - began
    if done.returncode > 1 or not json.loads(done.stdout)["candidates"]:
        raise SystemExit(done.stderr)
    return taken


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("base", type=Path, help="embeddings by benchmark_vectors.py")
    parser.add_argument("--writers", type=int, default=12_000)
    parser.add_argument("--index", type=Path, help="where the index is, or shall be and stay")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    from PIL import Image

    from sigsearch.synthesis import Writer

    with tempfile.TemporaryDirectory() as name:
        index, image = options.index or Path(name) / "index", Path(name) / "questioned.png"
        Image.fromarray(Writer.from_seed(3).specimen(1).page).save(image)
        if not index.exists():
            build(Base.load(options.base), index, options.writers)
        seconds(image, index, cold=False)
        times = {
            kind: [round(seconds(image, index, kind == "cold"), 3) for _ in range(RUNS)]
            for kind in ("cold", "warm")
        }
        facts = {"references": references(index), "disk": disk(index), "machine": machine()}
    summary = {f"{kind}_median_s": median(all_) for kind, all_ in times.items()}
    found = json.dumps({**facts, **summary, "runs": times}, indent=1)
    print(found)
    if options.out:
        options.out.write_text(found)


if __name__ == "__main__":
    main()
