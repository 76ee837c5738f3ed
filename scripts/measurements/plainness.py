"""How much of its plainness a questioned signature should be handicapped by: at one threshold for
all sets, at which 1 % of random forgeries pass on average, how unevenly they pass set by set. On
training and validation writers; test writers choose nothing.

python scripts/measurements/plainness.py --data "$SIGSEARCH_DATA" --cache runs/readings
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from sigsearch.calibration import try_writers
from sigsearch.calibration.fit import comparisons_of
from sigsearch.calibration.trials import DRAWS
from sigsearch.datasets import Protocol
from sigsearch.encoder import Embeddings, Encoder
from sigsearch.engine.judge import Judge
from sigsearch.errors import CalibrationError
from sigsearch.matching.fusion import FusionWeights
from sigsearch.metrics import Comparisons, rates_at
from sigsearch.trials.readings import read_embeddings
from sigsearch.trials.roles import FOLDERS, datasets_of
from sigsearch.trials.trial import Trial

FMR = 0.01
REFERENCES = (1, 3, 8)
SHARES = (0.0, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4)
PLAN = replace(DRAWS, draws=2, others=8)


def show(tried: Mapping[str, list[Trial]], references: int, weights: FusionWeights) -> None:
    found: dict[str, tuple[Comparisons, Comparisons]] = {}
    for name, trials in tried.items():
        try:
            found[name] = comparisons_of(trials, "random", references, weights)
        except CalibrationError:  # nobody with so many references
            continue
    strangers = [others for _, others in found.values()]
    everyone = Comparisons(
        np.concatenate([s.values for s in strangers]),
        np.concatenate([s.writers for s in strangers]),
        np.concatenate([s.weights / s.weights.sum() for s in strangers]),
    )
    threshold = float(everyone.quantiles(np.array([1 - FMR]))[0])
    rates = {name: rates_at(threshold, *scores) for name, scores in found.items()}
    fmr, fnmr = 100 * np.array(list(rates.values())).T
    each = ", ".join(f"{name} {100 * rate:.2f}" for name, (rate, _) in rates.items())
    print(
        f"{references} references, a share of {weights.plain:.2f}: FMR {each} %; the standard "
        f"deviation of its log {np.log(fmr + 0.1).std():.2f}; FNMR {fnmr.mean():.2f} %"
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help=f"holds {', '.join(FOLDERS)}")
    parser.add_argument("--sets", nargs="+", choices=FOLDERS, default=FOLDERS)
    parser.add_argument("--protocol", default="unseen-writers-1")
    parser.add_argument("--encoder", type=Path)
    parser.add_argument("--cache", type=Path, help="where readings are kept between runs")
    given = parser.parse_args()
    encoder = Encoder.load(given.encoder, threads=1)
    judge, protocol = Judge.of(encoder), Protocol.load(given.protocol)
    tried: dict[str, list[Trial]] = {}
    roles = [
        datasets_of(given.data, protocol, role, given.sets) for role in ("train", "validation")
    ]
    for parts in zip(*roles, strict=True):
        used, readings = zip(
            *(read_embeddings(part, encoder, given.cache) for part in parts), strict=True
        )
        samples = tuple(sample for part in used for sample in part.samples)
        both = replace(used[0], samples=samples)
        all_readings = Embeddings.concatenate(list(readings))
        tried[both.name] = list(try_writers(both, all_readings, judge.matcher, PLAN))
    for references in REFERENCES:
        for share in SHARES:
            show(tried, references, replace(judge.calibrations.fusion, plain=share))


if __name__ == "__main__":
    main()
