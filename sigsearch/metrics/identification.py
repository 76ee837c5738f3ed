"""1:N search: closed set (CMC) and open set (FPIR, FNIR, DIR), as in ISO/IEC 19795-1."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from sigsearch.arrays import Floats, Ids
from sigsearch.metrics.rates import scores, threshold_at_fmr


def ranks(similarity: ArrayLike, true_writer: ArrayLike) -> Ids:
    """The rank (1 = first) of each probe's own writer.

    similarity: (probes, writers); true_writer: (probes,) column numbers. Ties count against the
    true writer, so that a score without information earns nothing.
    """
    matrix = np.asarray(similarity, np.float64)
    columns = np.asarray(true_writer, np.int64)
    own = np.take_along_axis(matrix, columns[:, None], axis=1)
    rank: Ids = (matrix >= own).sum(axis=1)
    return rank


def cmc(probe_ranks: ArrayLike, writers: int) -> Floats:
    """Cumulative match characteristic (writers,): [k - 1] = share of probes ranked k or better."""
    found = np.asarray(probe_ranks, np.int64)
    if not len(found):
        return np.full(writers, np.nan)
    curve: Floats = np.cumsum(np.bincount(found, minlength=writers + 1)[1:]) / len(found)
    return curve


@dataclass(frozen=True, slots=True)
class OpenSet:
    """What a search gives at one FPIR: detected and identified first (DIR), or missed (FNIR)."""

    fpir: float
    threshold: float
    dir: float
    fnir: float


def open_set(
    own: ArrayLike, probe_ranks: ArrayLike, non_mated_best: ArrayLike, fpir: float
) -> OpenSet:
    """DIR and FNIR at rank 1 where at most `fpir` of the non-mated probes return anyone.

    own: the mated probes' scores with their own writer; non_mated_best: the best score over the
    gallery of each probe that ought to find nobody.
    """
    mated, found = scores(own), np.asarray(probe_ranks)
    threshold = threshold_at_fmr(non_mated_best, fpir)
    if not len(mated) or np.isnan(threshold):
        return OpenSet(fpir, threshold, float("nan"), float("nan"))
    hit = float(np.mean((found == 1) & (mated >= threshold)))
    return OpenSet(fpir, threshold, hit, 1.0 - hit)
