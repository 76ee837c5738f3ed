"""What verifying against a writer with many references costs beside one with a single reference.

    python scripts/benchmarks/verify.py DATA/cedar --writers 41-55

Image file to answer, the copy alarm included, on one core, by an index that stays open: what it
keeps of a writer after the first question counts for the others. Signatures that were not enrolled
ask, and all variants take turns, so that a busy machine hurts them alike.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from statistics import median

from sigsearch import SignatureIndex
from sigsearch.datasets import drop_copies, read_dataset
from sigsearch.encoder import Encoder

MOST, ASKED = 8, 6


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--writers", required=True, help="first-last")
    parser.add_argument("--references", type=int, nargs="+", default=[1, 3, MOST])
    given = parser.parse_args()
    first, last = map(int, given.writers.split("-"))
    dataset = drop_copies(read_dataset(given.data))
    taken = defaultdict(list)
    with (
        tempfile.TemporaryDirectory() as folder,
        SignatureIndex.create(Path(folder) / "index", Encoder.load(None, threads=1)) as index,
    ):
        for writer in (w for w in dataset.writers if first <= int(w) <= last):
            genuine = [s.source for s in dataset.genuine(writer)]
            for many in given.references:
                index.enrol(f"{writer} by {many}", genuine[:many])
            for source in genuine[MOST : MOST + ASKED]:
                for many in given.references:
                    start = time.perf_counter()
                    index.verify(source, f"{writer} by {many}")
                    taken[many].append(time.perf_counter() - start)
    base = median(taken[given.references[0]])
    for many, times in taken.items():
        print(
            f"{many} references: {1000 * median(times):.1f} ms (median of {len(times)}), "
            f"{median(times) / base:.2f} times the first"
        )


if __name__ == "__main__":
    main()
