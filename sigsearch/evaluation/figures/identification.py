"""Identification figures: closed set, and open set against two kinds of strangers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from sigsearch.arrays import Floats, Mask
from sigsearch.evaluation.figures.estimate import Estimate, plain, record, share_of
from sigsearch.evaluation.score_table import SearchTable
from sigsearch.metrics import cmc, open_set, supports

FPIRS = (0.01, 0.1)
UNRELATED, FORGERIES = "unrelated writers", "forgeries of enrolled writers"
_CMC_RANKS = 20


@dataclass(frozen=True, slots=True)
class OpenSetRate:
    """DIR and FNIR (= 1 - DIR) at rank 1 at a false positive identification rate.

    strangers: who ought not to be found; non_mated: how many such probes; supported: whether they
    are enough for the rate (rule of three).
    """

    strangers: str
    fpir: float
    non_mated: int
    supported: bool
    dir: Estimate
    threshold: float

    def to_dict(self) -> dict[str, Any]:
        return {**record(self), "fnir": plain(1.0 - self.dir.value)}


@dataclass(frozen=True, slots=True)
class IdentificationFigures:
    """One line of the identification tables; gallery is N, the number of enrolled writers.

    Strangers of the first kind are the same probes with their own writer taken out (N - 1).
    """

    scorer: str
    slice: str
    reference_count: int
    writer_count: int
    mated: int
    rank_1: Estimate
    rank_5: Estimate
    cmc: tuple[float, ...]
    open_set: tuple[OpenSetRate, ...]

    def to_dict(self) -> dict[str, Any]:
        return record(self)


def identification(
    table: SearchTable, scorer: str, name: str, references: int
) -> IdentificationFigures:
    """Figures of the searches in `table`: one dataset, scorer and number of references."""
    genuine = table.kind.equal("genuine")
    mated, forged = table.where(genuine), table.where(~genuine)
    hands = mated.hand.codes.astype(np.int64)
    gallery = int(table.gallery.max(initial=0))

    def share(hits: Mask) -> Estimate:
        return share_of(hits, hands, len(hits), len(mated.hand.names))

    # The best that a forgery returns is the imitated writer or any other.
    strangers = {
        UNRELATED: mated.other_lead,
        FORGERIES: np.maximum(forged.lead, forged.other_lead),
    }
    return IdentificationFigures(
        scorer, name, references, gallery, len(mated),
        share(mated.rank <= 1),
        share(mated.rank <= 5),
        tuple(cmc(mated.rank, max(gallery, 1))[:_CMC_RANKS].tolist()),
        tuple(
            _at_fpir(mated, who, best, fpir, share)
            for who, best in strangers.items()
            for fpir in FPIRS
            if len(best)
        ),
    )  # fmt: skip


def _at_fpir(
    mated: SearchTable,
    strangers: str,
    best: Floats,
    fpir: float,
    share: Callable[[Mask], Estimate],
) -> OpenSetRate:
    at = open_set(mated.lead, mated.rank, best, fpir)
    return OpenSetRate(
        strangers,
        fpir,
        len(best),
        supports(len(best), fpir),
        share((mated.rank == 1) & (mated.lead >= at.threshold)),
        at.threshold,
    )
