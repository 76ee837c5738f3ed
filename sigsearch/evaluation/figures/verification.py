"""Verification figures of a set of comparisons, against skilled or random forgeries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sigsearch.arrays import Floats, Ids
from sigsearch.evaluation.figures.estimate import RESAMPLES, Estimate, plain, record, share_of
from sigsearch.evaluation.figures.slices import ScoredSlice
from sigsearch.evaluation.score_table import ScoreTable
from sigsearch.metrics import (
    WriterBootstrap,
    eer,
    error_rates,
    fnmr_at_fmr,
    fnmr_where,
    supports,
)
from sigsearch.metrics.rates import crossing

FMRS = (0.01, 0.001, 0.0001)


@dataclass(frozen=True, slots=True)
class VerificationFigures:
    """One line of the verification tables. Rates are 0..1.

    eer: one threshold for all writers, chosen afterwards on these very scores; eer_per_writer: the
    mean of EERs with a threshold for each writer, chosen likewise: both only compare with papers.
    fmr, fnmr: at `threshold`, which validation writers fixed beforehand. fnmr_at_fmr: by the FMR
    asked for; None where there are too few comparisons for it. eer_draws: lowest and highest EER
    of a single draw of references. sets: over how many datasets this is the mean.
    """

    scorer: str
    slice: str
    reference_count: int
    against: str
    writer_count: int
    mated: int
    non_mated: int
    eer: Estimate
    eer_per_writer: Estimate
    eer_draws: tuple[float, float]
    fnmr_at_fmr: dict[float, Estimate | None]
    threshold: float
    fmr: Estimate
    fnmr: Estimate
    sets: int = 1

    def to_dict(self) -> dict[str, Any]:
        return record(self)


def verification(
    table: ScoreTable,
    scorer: str,
    name: str,
    references: int,
    against: str,
    threshold: float = float("nan"),
) -> tuple[VerificationFigures, Floats]:
    """Figures of the comparisons in `table` (one number of references), and the resampled EERs."""
    found = ScoredSlice.of(table, scorer, against)
    own, others = found.mated.values, found.non_mated.values
    bootstrap = WriterBootstrap.draw(found.hands, RESAMPLES)
    resampled = np.full(RESAMPLES, np.nan)
    at_rates: dict[float, Estimate | None] = dict.fromkeys(FMRS)
    per_writer = Estimate(float("nan"))
    if not found.empty:
        fmr, fnmr = bootstrap.curves(found.mated, found.non_mated)
        resampled = crossing(fmr, fnmr)
        per_writer = _per_writer(found, bootstrap)
        for rate in FMRS:
            if supports(found.non_mated.distinct, rate):
                value = fnmr_at_fmr(own, others, rate)
                at_rates[rate] = Estimate.of(
                    value, fnmr_where(fmr, fnmr, rate), found.mated_signatures
                )
    nothing, unset = Estimate(float("nan")), np.isnan(threshold)
    figures = VerificationFigures(
        scorer, name, references, against,
        writer_count=found.identities,
        mated=len(own),
        non_mated=len(others),
        eer=Estimate.of(
            eer(own, others),
            resampled,
            min(found.mated_signatures, found.non_mated_signatures),
        ),
        eer_per_writer=per_writer,
        eer_draws=_draws(table, scorer, against),
        fnmr_at_fmr=at_rates,
        threshold=threshold,
        fmr=nothing if unset else share_of(
            others >= threshold, found.non_mated.writers, found.non_mated_signatures, found.hands
        ),
        fnmr=nothing if unset else share_of(
            own < threshold, found.mated.writers, found.mated_signatures, found.hands
        ),
    )  # fmt: skip
    return figures, resampled


def _per_writer(found: ScoredSlice, bootstrap: WriterBootstrap) -> Estimate:
    both = np.intersect1d(found.mated_identities, found.non_mated_identities)
    if not len(both):
        return Estimate(float("nan"))
    own, others = (
        _by_writer(found.mated.values, found.mated_identities),
        _by_writer(found.non_mated.values, found.non_mated_identities),
    )
    rates = [eer(own[writer], others[writer]) for writer in both.tolist()]
    hand = dict(zip(found.mated_identities.tolist(), found.mated.writers.tolist(), strict=True))
    hands = np.array([hand[writer] for writer in both.tolist()])
    return Estimate.of(float(np.mean(rates)), bootstrap.mean(rates, hands))


def _by_writer(values: Floats, writers: Ids) -> dict[int, Floats]:
    order = np.argsort(writers, kind="stable")
    names, starts = np.unique(writers[order], return_index=True)
    return dict(zip(names.tolist(), np.split(values[order], starts[1:]), strict=True))


def _draws(table: ScoreTable, scorer: str, against: str) -> tuple[float, float]:
    if against == "random":  # drawn once
        return float("nan"), float("nan")
    rates = []
    for draw in np.unique(table.draw):
        found = ScoredSlice.of(table.where(table.draw == draw), scorer, against)
        rates.append(eer(found.mated.values, found.non_mated.values))
    return (min(rates), max(rates)) if rates else (float("nan"), float("nan"))


def mean_over(
    name: str, lines: Sequence[tuple[VerificationFigures, Floats]]
) -> VerificationFigures:
    """The plain mean over datasets, each weighing the same however many writers it has."""
    first = lines[0][0]
    figures = [line for line, _ in lines]
    nothing = Estimate(float("nan"))
    return VerificationFigures(
        first.scorer, name, first.reference_count, first.against,
        writer_count=sum(f.writer_count for f in figures),
        mated=sum(f.mated for f in figures),
        non_mated=sum(f.non_mated for f in figures),
        eer=Estimate.of(
            float(np.mean([f.eer.value for f in figures])),
            np.mean([resampled for _, resampled in lines], axis=0),
        ),
        eer_per_writer=Estimate(float(np.mean([f.eer_per_writer.value for f in figures]))),
        eer_draws=(float("nan"), float("nan")),
        fnmr_at_fmr=dict.fromkeys(FMRS),
        threshold=first.threshold,
        fmr=Estimate(float(np.mean([f.fmr.value for f in figures]))) if figures else nothing,
        fnmr=Estimate(float(np.mean([f.fnmr.value for f in figures]))) if figures else nothing,
        sets=len(figures),
    )  # fmt: skip


def det_curve(table: ScoreTable, scorer: str, against: str, points: int = 160) -> list[list[float]]:
    """FMR and FNMR for a plot: at most `points`, spread evenly along the curve."""
    found = ScoredSlice.of(table, scorer, against)
    if found.empty:
        return []
    rates = error_rates(found.mated.values, found.non_mated.values)
    # Evenly in both rates at once, so that neither end of the curve is lost.
    along = np.cumsum(np.abs(np.diff(_spread(rates.fmr))) + np.abs(np.diff(_spread(rates.fnmr))))
    along = np.concatenate([[0.0], along])
    chosen = np.unique(np.searchsorted(along, np.linspace(0, along[-1], points)))
    return [[plain(float(rates.fmr[n])), plain(float(rates.fnmr[n]))] for n in chosen]


def _spread(rate: Floats) -> Floats:
    logs: Floats = np.log10(np.maximum(rate, 1e-5))
    return logs
