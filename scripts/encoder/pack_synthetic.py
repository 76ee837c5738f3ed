"""Pack invented writers for training.

python scripts/encoder/pack_synthetic.py --writers 2000 -o runs/packed/synthetic.npz
"""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.progress import track

from sigsearch.training.encoder.synthetic import pack_synthetic


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--writers", type=int, default=2000)
    parser.add_argument("--genuine", type=int, default=6)
    parser.add_argument("--forgeries", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("-o", "--out", type=Path, default=Path("runs/packed/synthetic.npz"))
    given = parser.parse_args()
    packed = pack_synthetic(
        given.writers,
        given.genuine,
        given.forgeries,
        given.seed,
        given.workers,
        progress=lambda rows: track(rows, "packing", total=given.writers),
    )
    packed.save(given.out)
    print(f"{len(packed)} images of {given.writers} writers -> {given.out}")


if __name__ == "__main__":
    main()
