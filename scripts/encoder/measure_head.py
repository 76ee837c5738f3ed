"""What the head is worth: skilled and random forgeries on sets that neither network nor head has
seen, beside the fusion that does without it.

    python scripts/encoder/measure_head.py --data "$SIGSEARCH_DATA" --cache runs/readings

Each set is judged, all its writers, by a head learnt on the others and on the validation writers of
what the network was trained on; and those are judged on test writers, by a head learnt on all but
their own set. EER in per cent, one threshold a set, with 95 % intervals by writer bootstrap.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from calibrate import UNSEEN

from sigsearch.calibration.claims import claims_of
from sigsearch.calibration.fusion_fit import fuse_all
from sigsearch.calibration.head_fit import fit_head
from sigsearch.calibration.trials import DRAWS, try_writers
from sigsearch.datasets import Dataset, Protocol, read_datasets
from sigsearch.encoder import Encoder
from sigsearch.engine.judge import Judge
from sigsearch.matching.fusion import FusionWeights
from sigsearch.metrics.bootstrap import WriterBootstrap, interval
from sigsearch.metrics.rates import crossing, eer
from sigsearch.trials.readings import read_embeddings
from sigsearch.trials.roles import FOLDERS
from sigsearch.trials.trial import Trial

REFERENCES = (1, 3, 8)
NUMBERS = DRAWS.references

Trials = Mapping[str, Sequence[Trial]]


def tried(data: Path, folders: Sequence[str], encoder: Encoder, judge: Judge, given, role: str):
    """By set, the trials of its writers of a role of the protocol, or of `all` who are imitated."""
    found: dict[str, list[Trial]] = {}
    for folder in folders:
        for dataset in read_datasets(data / folder):
            asked = of_role(dataset, given.protocol, role)
            if asked.samples:
                used, readings = read_embeddings(asked, encoder, given.cache)
                found[dataset.name] = list(try_writers(used, readings, judge.matcher))
                print(f"{dataset.name} ({role}): {len(used.writers)} writers", flush=True)
    return found


def all_tried(encoder: Encoder, judge: Judge, given) -> tuple[Trials, Trials]:
    """The trials of sets that the network never saw, and of validation writers of the others."""
    unseen = tried(given.data, UNSEEN, encoder, judge, given, "all")
    return unseen, tried(given.data, FOLDERS, encoder, judge, given, "validation")


def of_role(dataset: Dataset, protocol: str, role: str) -> Dataset:
    if role != "all":
        return Protocol.load(protocol).select(dataset, role)
    imitated = {sample.writer for sample in dataset.forgeries()}
    return dataset.only(lambda sample: sample.writer in imitated)


def learnt_without(name: str, tried: Sequence[Trials], fusion: FusionWeights) -> FusionWeights:
    """`fusion` with a head learnt on all sets but one."""
    parts = [t for sets in tried for s, trials in sets.items() if s != name for t in trials]
    groups = {n: claims_of(parts, "skilled", n) for n in NUMBERS}
    return replace(fusion, head=fit_head(groups))


def figure(trials: Sequence[Trial], against: str, references: int, weights: FusionWeights):
    """EER, its interval, and how many writers it is of; None when there are none."""
    claims = claims_of(trials, against, references)
    if not claims:
        return None
    mated, others = fuse_all(claims, replace(weights, plain=0.0))
    writers = 1 + max(c.writer for c in claims)
    bootstrap = WriterBootstrap.draw(writers, 500)
    curves = bootstrap.curves(mated, others)
    return 100 * eer(mated.values, others.values), *spread(curves), writers


def spread(curves: tuple[np.ndarray, np.ndarray]) -> tuple[float, float]:
    low, high = interval(crossing(*curves))
    return 100 * low, 100 * high


def show(name: str, trials: Sequence[Trial], ways: Mapping[str, FusionWeights], sums) -> None:
    for references in REFERENCES:
        for way, weights in ways.items():
            parts = []
            for against in ("skilled", "random"):
                found = figure(trials, against, references, weights)
                if found:
                    value, low, high, writers = found
                    sums.setdefault((references, way, against), []).append(value)
                    parts.append(f"{against} {value:5.1f} [{low:.1f}, {high:.1f}]")
            if parts:
                print(f"{name:18} {references} refs {way:9} {', '.join(parts)}, {writers} writers")


def means(title: str, sums) -> None:
    for (references, way, against), values in sorted(sums.items()):
        print(f"{title}: {references} refs {way:9} {against} {np.mean(values):.2f}, {len(values)}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--protocol", default="unseen-writers-2")
    parser.add_argument("--encoder", type=Path)
    parser.add_argument("--cache", type=Path, help="where readings are kept between runs")
    given = parser.parse_args()
    encoder = Encoder.load(given.encoder, threads=1)
    judge = Judge.of(encoder)
    bare = replace(judge.calibrations.fusion, head=None)
    known = all_tried(encoder, judge, given)
    sums: dict = {}
    for name, trials in known[0].items():
        headed = learnt_without(name, known, bare)
        show(name, trials, {"without": bare, "with": headed}, sums)
    means("sets never seen", sums)
    sums = {}
    for name, trials in tried(given.data, FOLDERS, encoder, judge, given, "test").items():
        headed = learnt_without(name, known, bare)
        show(name, trials, {"without": bare, "with": headed}, sums)
    means("test writers", sums)


if __name__ == "__main__":
    main()
