"""Strangers who are named and enrolled writers who are not, at a stated FPIR of 1 %.

    python scripts/measurements/galleries.py cedar pens/mcyt100.npz --data "$SIGSEARCH_DATA" \
        --roles test --references 1 3 8

Of each set's writers of some roles two thirds are enrolled, or as many as `--writers`, and the
others ask as strangers; several draws. By the calibration alone, and by what each gallery measures
of itself (`sigsearch evaluate --stated-rates` has the same beside other figures).
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from sigsearch.datasets import Protocol, drop_copies, read_datasets
from sigsearch.encoder import Encoder, shipped_folder
from sigsearch.evaluation.stated_rates.galleries import galleries_of
from sigsearch.evaluation.stated_rates.gallery_rates import gallery_rates
from sigsearch.trials.readings import read_embeddings

STATED = (0.01, 0.05)
"""FPIR, and the FMR that is not shown here."""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sets", nargs="+", help="folders and files below --data")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--protocol", default="unseen-writers-2")
    parser.add_argument("--roles", nargs="+", default=["test"])
    parser.add_argument("--references", type=int, nargs="+", default=[1, 3, 8])
    parser.add_argument("--writers", type=int, help="how many are enrolled; default: two thirds")
    parser.add_argument("--draws", type=int, default=3)
    parser.add_argument("--encoder", type=Path, default=shipped_folder())
    parser.add_argument("--cache", type=Path, help="where readings are kept between runs")
    given = parser.parse_args()
    protocol, encoder = Protocol.load(given.protocol), Encoder.load(given.encoder, threads=1)
    for dataset in (d for name in given.sets for d in read_datasets(given.data / name)):
        asked = [s for role in given.roles for s in protocol.select(dataset, role).samples]
        some = drop_copies(replace(dataset, samples=tuple(asked)))
        used, readings = read_embeddings(some, encoder, given.cache)
        hands = [sample.hand for sample in used.samples]
        for number in given.references:
            galleries = galleries_of(used, number, given.draws, given.writers)
            if not galleries:
                continue
            for line in gallery_rates(used.name, encoder, readings, hands, galleries, STATED):
                foretold = "" if line.foretold is None else f", foretold {100 * line.foretold:.1f}"
                print(
                    f"{line.set:16} {number} refs, {line.writer_count} writers, thresholds from "
                    f"{line.thresholds_from}: FPIR {100 * line.fpir.value:.2f} "
                    f"[{100 * line.fpir.low:.2f}, {100 * line.fpir.high:.2f}] of {line.strangers}, "
                    f"FNIR {100 * line.fnir.value:.1f}{foretold}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
