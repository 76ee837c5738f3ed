"""Learn the fusion weights from writers whose signatures are known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from sigsearch.arrays import Floats
from sigsearch.calibration.logistic import fit_logistic
from sigsearch.errors import CalibrationError
from sigsearch.matching.fusion import FusionWeights, fuse, handicaps, own_agreement, pair_scores
from sigsearch.metrics import Comparisons, cllr

# Every weight is tried in turn, the others held, twice over: a few dozen trials, always the same,
# and no weight beyond what makes sense however few the writers are.
_ROUNDS = 2
_GRID = {
    "own": tuple(np.linspace(0, 1.2, 13).round(2).tolist()),
    "strength": (0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0),
    "sharpness": (-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0),  # over the spread of pair scores
}


@dataclass(frozen=True, slots=True)
class Claims:
    """What was tried against one writer with R references: pair scores of the writer's own other
    signatures (n, R), of those that are not the writer's (m, R), and of the references among
    themselves (R, R); or likenesses, with a last axis of channels. `writer` is a number from 0 on,
    the same for all claims against one hand; `weight` is what these claims count. mated_plain (n,),
    non_mated_plain (m,): how plain the signatures are, where that counts."""

    mated: Floats
    non_mated: Floats
    own: Floats
    writer: int
    weight: float = 1.0
    mated_plain: Floats | None = None
    non_mated_plain: Floats | None = None


def fuse_all(claims: Sequence[Claims], weights: FusionWeights) -> tuple[Comparisons, Comparisons]:
    """The fused scores of every claim, mated and non-mated."""
    mated = [_fused(c.mated, c.own, c.mated_plain, weights) for c in claims]
    non_mated = [_fused(c.non_mated, c.own, c.non_mated_plain, weights) for c in claims]
    return _join(mated, claims), _join(non_mated, claims)


def _fused(scores: Floats, own: Floats, plain: Floats | None, weights: FusionWeights) -> Floats:
    fused = fuse(scores, own, weights)
    return fused if plain is None else fused - handicaps(plain, weights)


def fit_fusion(groups: Sequence[Sequence[Claims]]) -> FusionWeights:
    """The weights by which the calibrated scores cost least (Cllr), averaged over `groups`, each
    of one number of references above one.

    Raises CalibrationError when there are no claims on both sides.
    """
    groups = [[c for c in g if len(c.mated) and len(c.non_mated)] for g in groups]
    groups = [g for g in groups if g and len(g[0].own) > 1]
    if not groups:
        raise CalibrationError(
            "no writer has several references and both own and other signatures to fit the fusion"
        )
    spread = float(np.concatenate([pair_scores(c.mated).ravel() for g in groups for c in g]).std())
    best = _with_agreement(FusionWeights(own=0.8, strength=1.0), groups)
    cost = _cost(groups, best)
    for _ in range(_ROUNDS):
        for name, values in _GRID.items():
            for value in values:
                scaled = value / max(spread, 1e-9) if name == "sharpness" else value
                tried = _with_agreement(replace(best, **{name: scaled}), groups)
                if tried != best and (now := _cost(groups, tried)) < cost:
                    best, cost = tried, now
    return best


def _with_agreement(weights: FusionWeights, groups: Sequence[Sequence[Claims]]) -> FusionWeights:
    """The same weights with the mean agreement that writers show under them."""
    # Without strength the agreement is the writers' own.
    bare = replace(weights, agreement=0.0, strength=0.0)
    several = [c for group in groups for c in group]
    seen = [own_agreement(pair_scores(c.own), bare) for c in several]
    mean = float(np.average(seen, weights=[c.weight for c in several]))
    return replace(weights, agreement=mean)


def _cost(groups: Sequence[Sequence[Claims]], weights: FusionWeights) -> float:
    return float(np.mean([_cllr(*fuse_all(group, weights)) for group in groups]))


def _cllr(mated: Comparisons, non_mated: Comparisons) -> float:
    """What the scores cost after logistic fitting."""
    slope, offset = fit_logistic(mated, non_mated)
    own, others = (slope * side.values + offset for side in (mated, non_mated))
    return cllr(own, others, (mated.weights, non_mated.weights))


def _join(scores: Sequence[Floats], claims: Sequence[Claims]) -> Comparisons:
    counts = [len(s) for s in scores]
    # Claims count for their weight however many signatures were compared.
    each = [c.weight / max(n, 1) for c, n in zip(claims, counts, strict=True)]
    writers = np.repeat(np.array([c.writer for c in claims], np.int64), counts)
    return Comparisons(np.concatenate(scores), writers, np.repeat(each, counts))
