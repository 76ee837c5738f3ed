"""How far thresholds that rest on few writers hold for others of the same population.

python scripts/measurements/few_writers.py --data "$SIGSEARCH_DATA" --cache runs/readings

Of each set's training and validation writers some are drawn, again and again, and a calibration
against random forgeries fitted to them; the rest are asked how often they are falsely matched at
the rate stated, by what was seen on those few (`RateTable`) and by what is expected of others
(`Calibration`). The encoder has seen most of these writers; test writers are not asked.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from sigsearch.calibration import Trial, read_embeddings, try_writers
from sigsearch.calibration.fit import comparisons_of
from sigsearch.calibration.logistic import fit_calibration
from sigsearch.calibration.trials import DRAWS
from sigsearch.datasets import Dataset, Protocol
from sigsearch.encoder import Embeddings, Encoder
from sigsearch.engine.judge import Judge
from sigsearch.errors import CalibrationError
from sigsearch.matching.rates import rates_at
from sigsearch.trials.roles import FOLDERS, datasets_of

FMR = 0.01
WRITERS = (5, 10, 20)
REFERENCES = (1, 3, 8)
DRAWN = 30
PLAN = replace(DRAWS, draws=2, others=8)


def measure(dataset: Dataset, readings: Embeddings, judge: Judge) -> None:
    hands = np.array([sample.hand for sample in dataset.samples])
    names = np.unique(hands)
    everyone = list(try_writers(dataset, readings, judge.matcher, PLAN))
    random = np.random.default_rng(0)
    for count in (n for n in WRITERS if 2 * n <= len(names)):
        seen = defaultdict(list)
        for _ in range(DRAWN):
            few = random.choice(names, count, replace=False)
            kept = np.isin(hands, few)
            drawn = dataset.only(lambda sample, few=few: sample.hand in few)
            trials = try_writers(drawn, readings[kept], judge.matcher, PLAN)
            others = [trial for trial in everyone if trial.hand not in few]
            for references, rates in falsely_matched(list(trials), others, judge):
                seen[references].append(rates)
        for references, rates in seen.items():
            (plain, missed), (asked, missed_then) = 100 * np.mean(rates, axis=0)
            print(
                f"{dataset.name}, {count} of {len(names)} writers, {references} references: FMR "
                f"{plain:.1f} % by what was seen, {asked:.1f} % as calibrations ask; FNMR "
                f"{missed:.2f} % and {missed_then:.2f} %"
            )


def falsely_matched(
    few: list[Trial], others: list[Trial], judge: Judge
) -> Iterator[tuple[int, list[tuple[float, float]]]]:
    """For each number of references the (FMR, FNMR) of `others` at both thresholds of `few`."""
    fusion = judge.calibrations.fusion
    for references in REFERENCES:
        try:
            calibration = fit_calibration(
                *comparisons_of(few, "random", references, fusion),
                population="few",
                proposition="random",
                references=references,
            )
        except CalibrationError:  # some of them have fewer signatures
            continue
        mated, strangers = comparisons_of(others, "random", references, fusion)
        seen, asked = calibration.rates.threshold_at_fmr(FMR), calibration.threshold_at_fmr(FMR)
        yield references, [rates_at(threshold, mated, strangers) for threshold in (seen, asked)]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help=f"holds {', '.join(FOLDERS)}")
    parser.add_argument(
        "--sets", nargs="+", choices=FOLDERS, default=["cedar", "bhsig260", "svc2004"]
    )
    parser.add_argument("--protocol", default="unseen-writers-1")
    parser.add_argument("--cache", type=Path, help="where readings are kept between runs")
    given = parser.parse_args()
    encoder = Encoder.load(None, threads=1)
    judge = Judge.of(encoder)
    protocol = Protocol.load(given.protocol)
    both = [
        list(datasets_of(given.data, protocol, role, given.sets))
        for role in ("train", "validation")
    ]
    for pair in zip(*both, strict=True):
        used, readings = zip(
            *(read_embeddings(part, encoder, given.cache) for part in pair), strict=True
        )
        samples = tuple(sample for part in used for sample in part.samples)
        measure(replace(used[0], samples=samples), Embeddings.concatenate(list(readings)), judge)


if __name__ == "__main__":
    main()
