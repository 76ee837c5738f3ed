"""What a questioned signature that lies aslant costs: answers of `verify`, upright and turned.

    python scripts/measurements/tilt.py --data "$SIGSEARCH_DATA" --degrees 0 5 10 15 20

Eight references of each test writer lie as they were scanned. The other genuine signatures,
240, and as many imitations are asked upright and turned, every second one to the other side. FNMR is
what does not match at the stated rates, whatever is said of it instead.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from pathlib import Path

from PIL import Image
from rich.progress import track
from robustness import rotated

from sigsearch import SignatureIndex
from sigsearch.datasets import Protocol, drop_copies
from sigsearch.trials.roles import datasets_of

REFERENCES, QUESTIONED = 8, 16


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--set", default="cedar")
    parser.add_argument("--references", type=int, default=REFERENCES)
    parser.add_argument("--degrees", type=float, nargs="+", default=(0, 5, 10, 15, 20))
    given = parser.parse_args()
    protocol = Protocol.load("unseen-writers-2")
    (dataset,) = (drop_copies(d) for d in datasets_of(given.data, protocol, "test", (given.set,)))
    with tempfile.TemporaryDirectory() as folder:
        with SignatureIndex.create(Path(folder) / "index") as index:
            asked = []
            for writer in dataset.writers:
                genuine = dataset.genuine(writer)
                index.enrol(writer, [sample.path for sample in genuine[: given.references]])
                asked += genuine[REFERENCES:][:QUESTIONED]
                asked += dataset.forgeries(writer)[:QUESTIONED]
            for degrees in given.degrees:
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
                    total = counts.total()
                    shares = ", ".join(f"{k} {100 * n / total:.1f} %" for k, n in counts.items())
                    name = "genuine" if genuine else "imitations"
                    print(f"{degrees:g} degrees, {total} {name}: {shares}", flush=True)
                print(f"  what did not match: {dict(reasons)}", flush=True)


if __name__ == "__main__":
    main()
