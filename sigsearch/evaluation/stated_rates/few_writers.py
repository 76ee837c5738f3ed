"""How far thresholds that rest on few writers hold for others of the same set."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from sigsearch.calibration import try_writers
from sigsearch.calibration.fit import comparisons_of
from sigsearch.calibration.logistic import fit_calibration
from sigsearch.calibration.trials import DRAWS
from sigsearch.datasets import Dataset
from sigsearch.encoder import Embeddings
from sigsearch.engine.judge import Judge
from sigsearch.errors import CalibrationError
from sigsearch.evaluation.stated_rates.measured import FewWriters
from sigsearch.matching.fusion import FusionWeights
from sigsearch.metrics import rates_at
from sigsearch.trials.features import Progress
from sigsearch.trials.trial import Trial

WRITERS = (5, 10, 20)
PLAN = replace(DRAWS, draws=2, others=8)


def few_writers(
    dataset: Dataset,
    readings: Embeddings,
    judge: Judge,
    references: Sequence[int],
    draws: int,
    fmr: float,
    progress: Progress | None = None,
) -> Iterator[FewWriters]:
    """Of the set's writers some are drawn, again and again, and a calibration against random
    forgeries is fitted to them; the rest are asked how often they are falsely matched. Only numbers
    of writers of which the set has twice as many."""
    hands = np.array([sample.hand for sample in dataset.samples])
    names = np.unique(hands)
    counts = [n for n in WRITERS if 2 * n <= len(names)]
    everyone = list(try_writers(dataset, readings, judge.matcher, PLAN)) if counts else []
    random = np.random.default_rng(0)
    for count in counts:
        seen: dict[int, list[tuple[float, float, float]]] = defaultdict(list)
        for draw in range(draws):
            if progress is not None:
                progress(f"{count} writers of {dataset.name}", draw + 1, draws)
            few = random.choice(names, count, replace=False)
            drawn = dataset.only(lambda sample, few=few: sample.hand in few)  # type: ignore[misc]
            kept = np.flatnonzero(np.isin(hands, few))
            trials = list(try_writers(drawn, readings[kept], judge.matcher, PLAN))
            others = [trial for trial in everyone if trial.hand not in few]
            for number in references:
                rates = _rates(trials, others, judge.calibrations.fusion, number, fmr)
                seen[number] += [rates] if rates else []
        for number, found in seen.items():
            if found:
                accepted, missed, as_seen = (float(v) for v in np.mean(found, axis=0))
                yield FewWriters(
                    dataset.name, count, len(names) - count, number, len(found), fmr,
                    accepted, missed, as_seen,
                )  # fmt: skip


def _rates(
    few: Sequence[Trial],
    others: Sequence[Trial],
    fusion: FusionWeights,
    references: int,
    fmr: float,
) -> tuple[float, float, float] | None:
    """FMR and FNMR of `others` at the threshold of a calibration on `few`, and their FMR at the
    threshold that was seen there; None where some have too few signatures."""
    try:
        calibration = fit_calibration(
            *comparisons_of(few, "random", references, fusion),
            population="few",
            proposition="random",
            references=references,
        )
        mated, strangers = comparisons_of(others, "random", references, fusion)
    except CalibrationError:
        return None
    seen, _ = rates_at(calibration.rates.threshold_at_fmr(fmr), mated, strangers)
    return *rates_at(calibration.threshold_at_fmr(fmr), mated, strangers), seen
