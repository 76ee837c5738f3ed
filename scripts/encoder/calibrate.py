"""Fit the calibration that ships with the encoder, from validation writers only; the head learns
from others as well whom the network has never seen.

python scripts/encoder/calibrate.py --data "$SIGSEARCH_DATA" --encoder sigsearch/encoder/weights
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from sources import learned_by_head

from sigsearch.calibration import calibrate_encoder
from sigsearch.datasets import Protocol, read_datasets
from sigsearch.encoder import Encoder, shipped_folder
from sigsearch.trials.roles import FOLDERS

UNSEEN = (
    "pens/mcyt100.npz",
    "pens/susig-visual.npz",
    "pens/persian210.npz",
    "sigcomp2009",
    "utsig115",
    "chisig",
)
"""What it was not trained on: there the head learns from training writers as well."""


def note_head(encoder: Encoder, entries: Sequence[dict[str, str]]) -> None:
    """Say in the card what the head learned from."""
    others = [entry for entry in encoder.card.training_data if entry.get("part") != "head"]
    encoder.card = replace(encoder.card, training_data=[*others, *entries])
    encoder.card.save(encoder.folder)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="holds the datasets")
    parser.add_argument("--protocol", default="unseen-writers-2")
    parser.add_argument("--encoder", type=Path, default=shipped_folder())
    parser.add_argument(
        "--unseen", nargs="*", default=UNSEEN, help="sets that the network was not trained on"
    )
    parser.add_argument("--cache", type=Path, help="where readings are kept between runs")
    given = parser.parse_args()
    encoder = Encoder.load(given.encoder, threads=1)
    protocol = Protocol.load(given.protocol)
    unseen = [given.data / name for name in given.unseen]
    known = [given.data / name for name in FOLDERS]
    names = [d.name for path in known for d in read_datasets(path) if d.forgeries()]
    entries = learned_by_head(names, [path.stem for path in unseen])
    found = calibrate_encoder(encoder, known, protocol, given.cache, unseen)
    note_head(encoder, entries if found.fusion.head else [])
    print(found.fusion)
    for c in found.calibrations:
        missed = c.rates.fnmr_at(c.threshold_at_fmr(0.01))
        print(
            f"{c.proposition:8} {c.reference_count} references: {c.writer_count} writers, "
            f"log10 LR within {c.lower:+.2f} to {c.upper:+.2f}, FNMR {missed.rate:.1%} "
            f"({missed.low:.1%} to {missed.high:.1%}) at FMR 1 %"
        )


if __name__ == "__main__":
    main()
