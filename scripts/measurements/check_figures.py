"""Evaluate a fixed sample of test writers and fail when a figure is worse than the model card's.

    python scripts/measurements/check_figures.py DATA_FOLDER

DATA_FOLDER holds the datasets, a folder each. Two minutes at most; says so and does nothing when
there is no such folder, or no figures in the card yet (`sigsearch evaluate ... --card`).
"""

from __future__ import annotations

import sys
from pathlib import Path

from sigsearch.datasets import Dataset, read_datasets
from sigsearch.encoder import Encoder
from sigsearch.errors import DatasetError
from sigsearch.evaluation.card_check import SAMPLE, check
from sigsearch.trials.encoder_scorer import EncoderScorer


def main(folder: Path) -> int:
    encoder = Encoder.load()
    kept = encoder.card.figures
    datasets = known_datasets(folder)
    if not datasets or not kept.get("sample"):
        why = "the model card has no figures" if datasets else f"no datasets in {folder}"
        print(f"figures not checked: {why}")
        return 0
    if kept.get("encoder") != encoder.card.id:
        print(f"the card's figures are of {kept.get('encoder')}, not of {encoder.card.id}")
        return 1
    held = check(datasets, EncoderScorer(encoder), kept)
    for one in held:
        mark = "WORSE" if one.worse else "ok"
        print(
            f"{one.set:20} {one.reference_count} refs: EER {100 * one.eer:5.2f} %, "
            f"card {100 * one.card:5.2f} % (at most {100 * one.card_high:.2f} %) {mark}"
        )
    return int(any(one.worse for one in held))


def known_datasets(folder: Path) -> list[Dataset]:
    """The datasets in the folders of `folder` that the sample is drawn from."""
    found = []
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        try:
            found += [dataset for dataset in read_datasets(path) if dataset.name in SAMPLE]
        except DatasetError:
            continue
    return found


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(Path(sys.argv[1])))
