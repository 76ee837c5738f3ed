"""What fusion, calibration and thresholds are worth on test writers, who had no part in them.

python scripts/measure_decisions.py --data "$SIGSEARCH_DATA" --cache runs/readings
python scripts/measure_decisions.py --data "$SIGSEARCH_DATA" --cache runs/readings --synthetic 5000
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from fit_calibration import FOLDERS, chosen

from sigsearch.calibrating import Trial, read_embeddings, try_writers
from sigsearch.calibrating.fitting import comparisons_of, fit_set
from sigsearch.calibrating.trials import DRAWS
from sigsearch.datasets import Dataset, Protocol
from sigsearch.encoder import Embeddings, Encoder
from sigsearch.errors import CalibrationError
from sigsearch.evaluation.metrics import cllr, cllr_min, eer
from sigsearch.imaging import signature_from_ink
from sigsearch.judge import Judge, Rates
from sigsearch.matching.calibration import CalibrationSet
from sigsearch.matching.fusion import FusionWeights
from sigsearch.synthesis import Writer

MEAN = FusionWeights(sharpness=0.0, own=0.0)
FMR, FPIR, CANDIDATES = 0.01, 0.01, 50


def show_verification(name: str, trials: Sequence[Trial], shipped: CalibrationSet) -> None:
    for number in (1, 3, 8):
        for proposition in ("skilled", "random"):
            try:
                own, others = comparisons_of(trials, proposition, number, shipped.fusion)
                plain = comparisons_of(trials, proposition, number, MEAN)
            except CalibrationError:
                continue
            used = shipped.choose(proposition, number)
            threshold = used.rates.threshold_at_fmr(FMR)
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
        if calibration.proposition == "random" and calibration.references in (1, 3, 8):
            number = calibration.references
            mated, others = comparisons_of(trials, "random", number, shipped.fusion)
            threshold = calibration.rates.threshold_at_fmr(FMR)
            print(
                f"{name}, {number} references, random, calibrated on its own "
                f"{calibration.writers} validation writers: at FMR {FMR:.0%}: FMR "
                f"{np.mean(others.values >= threshold):.2%}, FNMR "
                f"{np.mean(mated.values < threshold):.1%}"
            )


def show_gallery(
    name: str, judge: Judge, enrolled: Sequence[Embeddings], asked: Embeddings
) -> None:
    """Strangers against a gallery: how many are given a name, with the screening of `identify`."""
    vectors = np.concatenate([e.vectors for e in enrolled])
    owner = np.repeat(np.arange(len(enrolled)), [len(e) for e in enrolled])
    named = 0
    for n in range(len(asked)):
        order = owner[np.argsort(-(vectors @ asked.vectors[n]))]
        near = list(dict.fromkeys(order.tolist()))[:CANDIDATES]
        scores = [float(judge.fused(asked[n], enrolled[w])[0][0]) for w in near]
        verdict = judge.identify(scores, [len(enrolled[w]) for w in near], len(enrolled), FPIR)
        named += verdict.decision == "identified"
    print(
        f"{name}: {len(enrolled)} writers enrolled, {len(asked)} strangers asked, {named} named: "
        f"FPIR {named / len(asked):.2%} where {FPIR:.0%} was stated"
    )


def show_real_gallery(used: Dataset, readings: Embeddings, judge: Judge) -> None:
    """Every other hand is enrolled; the rest are strangers."""
    row = {s.id: n for n, s in enumerate(used.samples)}
    hands = sorted({s.hand for s in used.samples})
    inside = set(hands[::2])
    enrolled, asked = [], []
    for writer in used.writers:
        genuine = [row[s.id] for s in used.genuine(writer)]
        if used.genuine(writer)[0].hand in inside:
            enrolled.append(readings[np.array(genuine[:3])])
        else:
            asked += genuine[:10]
    show_gallery(used.name, judge, enrolled, readings[np.array(asked)])


def show_synthetic_gallery(encoder: Encoder, judge: Judge, sizes: Sequence[int]) -> None:
    """Invented writers from the first seeds are enrolled, others ask."""
    asked = _embed(encoder, range(10**6, 10**6 + 600), 1)
    stored = _embed(encoder, range(max(sizes)), 3)
    gallery = [stored[slice(3 * n, 3 * n + 3)] for n in range(max(sizes))]
    for size in sizes:
        show_gallery("synthetic", judge, gallery[:size], asked)


def _embed(encoder: Encoder, seeds: range, each: int) -> Embeddings:
    parts = []
    for seed in seeds:
        writer = Writer.from_seed(seed)
        inks = [signature_from_ink(writer.specimen(n).mask) for n in range(each)]
        parts.append(encoder.embed(inks))
    return Embeddings.concatenate(parts)


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
    parser.add_argument("--synthetic", type=int, help="measure galleries up to so many instead")
    given = parser.parse_args()
    encoder = Encoder.load(given.encoder, threads=1)
    judge = Judge.of(encoder)
    if given.synthetic:
        sizes = [n for n in (50, 500, 5000) if n <= given.synthetic]
        show_synthetic_gallery(encoder, judge, sizes)
        return
    trials: list[Trial] = []
    plan = replace(DRAWS, draws=3, others=given.others)
    protocol = Protocol.load(given.protocol)
    known = {d.name: d for d in chosen(given.data, protocol, "validation", given.sets)}
    for dataset in chosen(given.data, protocol, "test", given.sets):
        used, readings = read_embeddings(dataset, encoder, given.cache)
        mine = list(try_writers(used, readings, judge.matcher, plan))
        trials += mine
        show_verification(dataset.name, mine, judge.calibrations)
        seen = read_embeddings(known[dataset.name], encoder, given.cache)
        validation = list(try_writers(*seen, judge.matcher, plan))
        show_own_calibration(dataset.name, mine, validation, judge.calibrations)
        show_real_gallery(used, readings, judge)
    show_verification("all sets", trials, judge.calibrations)
    show_cost(readings, judge)


if __name__ == "__main__":
    main()
