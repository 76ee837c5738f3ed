"""Trials -> a calibration set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from sigsearch.calibration.claims import able, claims_of, pairs_of
from sigsearch.calibration.fusion_fit import fit_fusion, fuse_all
from sigsearch.calibration.head_fit import enough_for_a_head, fit_head
from sigsearch.calibration.logistic import fit_calibration
from sigsearch.errors import CalibrationError
from sigsearch.matching.calibration import (
    PROPOSITIONS,
    REFERENCE_NUMBERS,
    Calibration,
    CalibrationSet,
)
from sigsearch.matching.fusion import FusionWeights
from sigsearch.metrics import Comparisons
from sigsearch.schema import Proposition
from sigsearch.trials.trial import Forgery, Trial

OWN_IN_SEARCH = 0.5
"""Of a writer's own agreement that is taken off, how much is in a search
(docs/research/2026-11-29-rivals.md)."""
FUSED_FOR = (2, 4, 8)
"""Numbers of references for which the fusion weights, the same for all, are learned."""


def fit_set(
    trials: Sequence[Trial], population: str, encoder: str, fusion: FusionWeights | None = None
) -> CalibrationSet:
    """Calibrations for every proposition and number of references that the trials allow.

    Without `fusion` its weights are learned too. Raises CalibrationError when there is not one.
    """
    weights = fusion or learn_fusion(trials)
    found, searches, reasons = [], [], []
    for proposition in PROPOSITIONS:
        for number in REFERENCE_NUMBERS:
            try:
                found.append(_fit_one(trials, population, proposition, number, weights))
                if proposition == "random" and number > 1 and weights.head:
                    apart = weights.for_search()
                    searches.append(_fit_one(trials, population, proposition, number, apart))
            except CalibrationError as fault:
                reasons.append(str(fault))
    if not found:
        raise CalibrationError(f"{population}: no calibration can be fitted: {reasons[0]}")
    return CalibrationSet(population, encoder, weights, tuple(found), tuple(searches))


def learn_fusion(trials: Sequence[Trial], more: Sequence[Trial] = ()) -> FusionWeights:
    """The weights that err least against skilled forgeries, or where there are none against other
    people's signatures; with a head where enough writers are forged in `trials` and in `more`,
    which are for the head alone. Raises CalibrationError when there are too few of either."""
    against: Forgery = "skilled" if any(t.has("skilled") for t in trials) else "random"
    weights = fit_fusion([claims_of(trials, against, n) for n in FUSED_FOR])
    taught = [*trials, *more]
    groups = {n: claims_of(taught, "skilled", n) for n in REFERENCE_NUMBERS}
    if not enough_for_a_head(groups):
        return weights
    return replace(weights, head=fit_head(groups), search_own=OWN_IN_SEARCH * weights.own)


def merge(own: CalibrationSet, former: CalibrationSet) -> CalibrationSet:
    """`own`, and what only `former` knows of. Both must fuse alike."""
    known = {c.proposition for c in own.calibrations}
    kept = [c for c in former.calibrations if c.proposition not in known]
    searches = own.searches if "random" in known else former.searches
    return replace(own, calibrations=(*own.calibrations, *kept), searches=searches)


def comparisons_of(
    trials: Sequence[Trial], proposition: Proposition, references: int, weights: FusionWeights
) -> tuple[Comparisons, Comparisons]:
    """Mated and non-mated fused scores. Raises CalibrationError when there are none."""
    if proposition == "both":
        # Only trials with either, so that writers are numbered alike.
        full = [t for t in trials if t.has("skilled") and t.has("random")]
        mated, skilled = comparisons_of(full, "skilled", references, weights)
        # Half of the claims are imitations, so nobody's plainness counts.
        _, random = comparisons_of(full, "random", references, replace(weights, plain=0.0))
        return mated, _half_each(skilled, random)
    used = able(trials, proposition, references)
    if not used:
        raise CalibrationError(
            f"no writer has {references} references, other genuine signatures and "
            f"{'skilled forgeries' if proposition == 'skilled' else 'others to compare with'}"
        )
    scores = fuse_all(claims_of(used, proposition, references), weights)
    pairs = pairs_of(used, proposition)
    mated, non_mated = (replace(s, repeats=len(s) / n) for s, n in zip(scores, pairs, strict=True))
    return mated, non_mated


def _half_each(a: Comparisons, b: Comparisons) -> Comparisons:
    # Each kind is half of the rate, and no number of the one makes up for few of the other.
    distinct = 2 * min(a.distinct, b.distinct)
    return Comparisons(
        np.concatenate([a.values, b.values]),
        np.concatenate([a.writers, b.writers]),
        np.concatenate([x.weights / x.weights.sum() for x in (a, b)]),
        (len(a) + len(b)) / distinct,
    )


def _fit_one(
    trials: Sequence[Trial],
    population: str,
    proposition: Proposition,
    references: int,
    weights: FusionWeights,
) -> Calibration:
    mated, non_mated = comparisons_of(trials, proposition, references, weights)
    return fit_calibration(
        mated, non_mated, population=population, proposition=proposition, references=references
    )
