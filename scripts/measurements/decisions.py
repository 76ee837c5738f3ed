"""What fusion, calibration and thresholds are worth on test writers, who had no part in them.
Galleries, and indexes that know their own population, are measured by measure_galleries.py.

python scripts/measurements/decisions.py --data "$SIGSEARCH_DATA" --cache runs/readings
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from sigsearch.calibration import Trial, read_embeddings, try_writers
from sigsearch.calibration.fit import comparisons_of, fit_set
from sigsearch.calibration.trials import DRAWS
from sigsearch.datasets import Protocol
from sigsearch.encoder import Embeddings, Encoder
from sigsearch.engine.judge import Judge, Rates
from sigsearch.errors import CalibrationError
from sigsearch.matching.calibration import CalibrationSet
from sigsearch.matching.fusion import FusionWeights
from sigsearch.metrics import cllr, cllr_min, eer
from sigsearch.trials.roles import FOLDERS, datasets_of

MEAN = FusionWeights(sharpness=0.0, own=0.0, plain=0.0)
FMR = 0.01


def show_verification(name: str, trials: Sequence[Trial], shipped: CalibrationSet) -> None:
    for number in (1, 3, 8):
        for proposition in ("skilled", "random"):
            try:
                own, others = comparisons_of(trials, proposition, number, shipped.fusion)
                plain = comparisons_of(trials, proposition, number, MEAN)
            except CalibrationError:
                continue
            used = shipped.choose(proposition, number)
            threshold = used.threshold_at_fmr(FMR)
            llr = used.llr(own.values), used.llr(others.values)
            print(
                f"{name}, {number} references, {proposition}: EER mean "
                f"{eer(plain[0].values, plain[1].values):.2%}, fused "
                f"{eer(own.values, others.values):.2%}; at FMR {FMR:.0%}: FMR "
                f"{np.mean(others.values >= threshold):.2%}, FNMR "
                f"{np.mean(own.values < threshold):.1%}; Cllr {cllr(*llr):.3f}, "
                f"Cllr_min {cllr_min(own.values, others.values):.3f}"
            )


def show_own_calibration(
    name: str, trials: Sequence[Trial], validation: Sequence[Trial], shipped: CalibrationSet
) -> None:
    """The same rate with thresholds from the set's own validation writers, as `sigsearch
    calibrate` fits them to a customer's scans."""
    try:
        own = fit_set(validation, name, shipped.encoder, shipped.fusion)
    except CalibrationError as fault:
        print(f"{name}, calibrated on its own validation writers: {fault}")
        return
    for calibration in own.calibrations:
        if calibration.proposition == "random" and calibration.reference_count in (1, 3, 8):
            number = calibration.reference_count
            mated, others = comparisons_of(trials, "random", number, shipped.fusion)
            threshold = calibration.threshold_at_fmr(FMR)
            print(
                f"{name}, {number} references, random, calibrated on its own "
                f"{calibration.writer_count} validation writers: at FMR {FMR:.0%}: FMR "
                f"{np.mean(others.values >= threshold):.2%}, FNMR "
                f"{np.mean(mated.values < threshold):.1%}"
            )


def show_cost(readings: Embeddings, judge: Judge) -> None:
    """Fusing eight references against one, encoding left out since both need it."""
    for number in (1, 8):
        taken = []
        for _ in range(200):
            start = time.perf_counter()
            judge.verify(readings[20], readings[:number], Rates(fmr=0.05))
            taken.append(time.perf_counter() - start)
        print(f"comparing with {number} references: median {np.median(taken) * 1e3:.2f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help=f"holds {', '.join(FOLDERS)}")
    parser.add_argument("--sets", nargs="+", choices=FOLDERS, default=FOLDERS)
    parser.add_argument("--protocol", default="unseen-writers-1")
    parser.add_argument("--encoder", type=Path)
    parser.add_argument("--cache", type=Path, help="where readings are kept between runs")
    parser.add_argument("--others", type=int, default=6, help="random forgeries a signature makes")
    given = parser.parse_args()
    encoder = Encoder.load(given.encoder, threads=1)
    judge = Judge.of(encoder)
    trials: list[Trial] = []
    plan = replace(DRAWS, draws=3, others=given.others)
    protocol = Protocol.load(given.protocol)
    known = {d.name: d for d in datasets_of(given.data, protocol, "validation", given.sets)}
    for dataset in datasets_of(given.data, protocol, "test", given.sets):
        used, readings = read_embeddings(dataset, encoder, given.cache)
        mine = list(try_writers(used, readings, judge.matcher, plan))
        trials += mine
        show_verification(dataset.name, mine, judge.calibrations)
        seen = read_embeddings(known[dataset.name], encoder, given.cache)
        validation = list(try_writers(*seen, judge.matcher, plan))
        show_own_calibration(dataset.name, mine, validation, judge.calibrations)
    show_verification("all sets", trials, judge.calibrations)
    show_cost(readings, judge)


if __name__ == "__main__":
    main()
