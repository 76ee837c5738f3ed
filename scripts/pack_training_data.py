"""Normalise and pack the real training and validation writers of a protocol, once.

    python scripts/pack_training_data.py DATA/cedar DATA/bhsig260 DATA/svc2004 DATA/crossmedia \\
        -o runs/packed
"""

from __future__ import annotations

import argparse
from pathlib import Path

from sigsearch.datasets import Protocol
from sigsearch.training.packed import pack_datasets


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", nargs="+", type=Path)
    parser.add_argument("-o", "--out", type=Path, default=Path("runs/packed"))
    parser.add_argument("--protocol", default="unseen-writers-1")
    given = parser.parse_args()
    protocol = Protocol.load(given.protocol)
    for role in ("train", "validation"):
        packed = pack_datasets(given.data, protocol, role, report=print)
        packed.save(given.out / f"{role}.npz")
        print(f"{role}: {len(packed)} images -> {given.out / role}.npz")


if __name__ == "__main__":
    main()
