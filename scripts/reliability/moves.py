"""Moves an index in every way, at random instants, against live processes: nothing may get lost.

A round copies an index (below or above ten mebibytes), opens it in three processes, and goes
through some steps. In each, the processes enrol, forget, search, compact, erase and optimise all
at once, and something else moves the index meanwhile: `compact`, `erase`, `repair`, `optimise`,
`migrate` or `check` as whole commands, a plain copy of the folder, the loss of its manifests or a
damaged record with a repair after it. Commands and processes are interrupted (Ctrl-C), suspended
and killed; exports are suspended in the middle of their read. At the end each handle, stale as it
may be, and a fresh process must hold all that was acknowledged and nothing that was forgotten,
and a check must say sound.

    python scripts/reliability/moves.py --rounds 300
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from copy import deepcopy
from pathlib import Path

from handle import IDENTITY, expected, reference
from processes import Forked
from round import Round
from truth import Truth

from sigsearch.index import WriterIndex

SIZES = {"small": (30, 3, 1280), "large": (45, 10, 30_000)}
"""Writers, references each, bytes of their tokens."""


def make_base(folder: Path, size: str) -> Truth:
    """An index to begin with, and what it holds."""
    writers, each, tokens = SIZES[size]
    names = [f"writer {number:03}" for number in range(writers)]

    def make() -> int:
        with WriterIndex.create(folder, IDENTITY) as index:
            for name in names:
                index.enrol([reference(name, n, tokens) for n in range(each)])
        return 0

    assert Forked(make, folder.with_suffix(".said")).wait() == 0
    return Truth({name: expected(name, range(each), tokens) for name in names})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument("--steps", type=int, default=8, help="steps of a round")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="where the folder of a failed round is kept")
    options = parser.parse_args()
    happened: Counter[str] = Counter()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as work:
        bases = {size: Path(work) / size for size in SIZES}
        truths = {size: make_base(base, size) for size, base in bases.items()}
        for number in range(options.rounds):
            seed = options.seed * 1_000_003 + number
            size = "large" if number % 3 == 2 else "small"
            folder = Path(work) / f"round-{number}"
            folder.mkdir()
            one = Round(bases[size], deepcopy(truths[size]), folder, random.Random(seed))
            try:
                one.play(options.steps)
            except BaseException:
                print(
                    f"round {number} (seed {seed}, {size}): {dict(one.happened)}", file=sys.stderr
                )
                if options.keep:
                    shutil.copytree(folder, options.keep, symlinks=True)
                raise
            happened += one.happened
            shutil.rmtree(folder)
    seconds = round(time.monotonic() - began)
    result = {"rounds": options.rounds, "faults": 0, "seconds": seconds, "load": os.getloadavg()[0]}
    print(json.dumps({**result, "happened": dict(sorted(happened.items()))}, indent=1))


if __name__ == "__main__":
    main()
