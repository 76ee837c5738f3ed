"""What a questioned signature that lies aslant costs: answers of `verify`, upright and turned.

    python scripts/measurements/tilt.py --data "$SIGSEARCH_DATA" --degrees 0 5 10 15 20

Eight references of each test writer lie as they were scanned. The other genuine signatures, and as
many imitations, are asked upright and turned, every second one to the other side. What does not
match counts as missed, whatever is said of it instead.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from PIL import Image
from rich.progress import track
from robustness import rotated

from sigsearch import SignatureIndex
from sigsearch.datasets import Dataset, Protocol, Sample, drop_copies
from sigsearch.trials.roles import datasets_of

REFERENCES, QUESTIONED = 8, 16


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--set", default="cedar", help="a folder of --data with one data set")
    parser.add_argument("--degrees", type=float, nargs="+", default=(0, 5, 10, 15, 20))
    given = parser.parse_args()
    protocol = Protocol.load("unseen-writers-2")
    (found,) = datasets_of(given.data, protocol, "test", (given.set,))
    dataset = drop_copies(found)
    with (
        tempfile.TemporaryDirectory() as folder,
        SignatureIndex.create(Path(folder) / "index") as index,
    ):
        for writer in dataset.writers:
            index.enrol(writer, [s.path for s in dataset.genuine(writer)[:REFERENCES]])
        asked = list(questioned(dataset))
        for degrees in given.degrees:
            ask(index, asked, degrees)


def questioned(dataset: Dataset) -> Iterator[Sample]:
    for writer in dataset.writers:
        yield from dataset.genuine(writer)[REFERENCES:][:QUESTIONED]
        yield from dataset.forgeries(writer)[:QUESTIONED]


def ask(index: SignatureIndex, asked: Sequence[Sample], degrees: float) -> None:
    """Ask all, turned by so much, and say what was answered."""
    told: dict[bool, Counter[str]] = {True: Counter(), False: Counter()}
    reasons: Counter[str] = Counter()
    for number, sample in enumerate(track(asked, f"{degrees:g} degrees")):
        with Image.open(sample.path) as file:
            page = rotated(file.convert("L"), degrees if number % 2 else -degrees)
        answer = index.verify(page, sample.writer)
        told[sample.genuine][answer.decision] += 1
        if sample.genuine and answer.decision != "match":
            reasons.update(answer.verdict.reasons)
    for genuine, counts in told.items():
        shares = ", ".join(f"{k} {100 * n / counts.total():.1f} %" for k, n in counts.items())
        kind = "genuine" if genuine else "imitations"
        print(f"{degrees:g} degrees, {counts.total()} {kind}: {shares}")
    print(f"  genuine ones that did not match: {dict(reasons)}", flush=True)


if __name__ == "__main__":
    main()
