"""Draw signed forms for training the segmentation, and pack what it sees of them.

    python scripts/segmenter/pack_forms.py DATA/cedar DATA/bhsig260 DATA/svc2004 DATA/crossmedia

Invented signatures, and real ones of the training and validation writers of the protocol.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from rich.progress import track

from sigsearch.datasets import Protocol, Sample, read_datasets
from sigsearch.training.segmenter.form_views import Views, invented_views, real_views

SEEDS = {"train": 71, "validation": 72}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", nargs="*", type=Path)
    parser.add_argument("--protocol", default="unseen-writers-1")
    parser.add_argument("--invented", type=int, default=24_000, help="for training")
    parser.add_argument("--real", type=int, default=2_000, help="for training, of each set")
    parser.add_argument("--without", nargs="*", default=[], help="sets to keep it from")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("-o", "--out", type=Path, default=Path("runs/forms"))
    given = parser.parse_args()
    protocol = Protocol.load(given.protocol)
    given.out.mkdir(parents=True, exist_ok=True)
    for role, seed in SEEDS.items():
        share = 1 if role == "train" else 0.04
        parts = [_of_nobody(round(share * given.invented), seed, given.workers)]
        for name, samples in _of_writers(given, protocol, role):
            made = real_views(samples, round(share * given.real), seed, given.workers)
            print(f"{role}: {len(made)} of {name}", flush=True)
            parts.append(made)
        np.savez(given.out / f"{role}.npz", views=np.concatenate(parts), invented=len(parts[0]))


def _of_nobody(count: int, seed: int, workers: int) -> Views:
    return invented_views(
        count, seed, workers, lambda made: track(made, "drawing forms", total=count)
    )


def _of_writers(
    given: argparse.Namespace, protocol: Protocol, role: str
) -> list[tuple[str, list[Sample]]]:
    return [
        (dataset.name, protocol.select(dataset, role).samples)
        for path in given.data
        for dataset in read_datasets(path)
        if protocol.knows(dataset) and dataset.name not in given.without
    ]


if __name__ == "__main__":
    main()
