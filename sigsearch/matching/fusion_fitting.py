"""Learn the fusion weights from writers whose signatures are known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sigsearch.errors import CalibrationError
from sigsearch.matching.fitting import fit_logistic
from sigsearch.matching.fusion import FusionWeights, fuse, own_agreement
from sigsearch.matching.thresholds import Comparisons

Floats = NDArray[np.float64]
_STEPS = 80


@dataclass(frozen=True, slots=True)
class Claims:
    """What was tried against one writer with R references: pair scores of the writer's own other
    signatures (n, R), of those that are not the writer's (m, R), and of the references among
    themselves (R, R). `writer` is a number from 0 on, the same for all claims against one hand;
    `weight` is what these claims count."""

    mated: Floats
    non_mated: Floats
    own: Floats
    writer: int
    weight: float = 1.0


def fuse_all(claims: Sequence[Claims], weights: FusionWeights) -> tuple[Comparisons, Comparisons]:
    """The fused scores of every claim, mated and non-mated."""
    mated = [fuse(c.mated, c.own, weights) for c in claims]
    non_mated = [fuse(c.non_mated, c.own, weights) for c in claims]
    return _join(mated, claims), _join(non_mated, claims)


def fit_fusion(groups: Sequence[Sequence[Claims]], steps: int = _STEPS) -> FusionWeights:
    """The weights by which the calibrated scores cost least (Cllr), averaged over `groups`, each
    of one number of references.

    Raises CalibrationError without claims on both sides.
    """
    groups = [[c for c in group if len(c.mated) and len(c.non_mated)] for group in groups]
    groups = [group for group in groups if group]
    if not groups:
        raise CalibrationError("no writer has both own and other signatures to fit the fusion on")

    def cost(at: Floats) -> float:
        weights = _weights(at, groups)
        return float(np.mean([_cost(group, weights) for group in groups]))

    return _weights(simplex(cost, np.array([0.0, 0.8, np.log(2.0)]), steps), groups)


def simplex(cost: Callable[[Floats], float], start: Floats, steps: int) -> Floats:
    """The lowest point that Nelder and Mead's method (1965) finds from `start`."""
    points = [start, *(start + 0.5 * axis for axis in np.eye(len(start)))]
    known = sorted((cost(p), tuple(p)) for p in points)
    for _ in range(steps):
        middle = np.mean([p for _, p in known[:-1]], axis=0)
        worst = np.array(known[-1][1])
        tried = _tried(cost, middle, worst, known[0][0], known[-2][0])
        if tried[0] < known[-1][0]:
            known[-1] = tried
        else:
            best = np.array(known[0][1])
            halves = [(best + np.array(p)) / 2 for _, p in known[1:]]
            known[1:] = [(cost(p), tuple(p)) for p in halves]
        known.sort()
    return np.array(known[0][1])


def _tried(
    cost: Callable[[Floats], float], middle: Floats, worst: Floats, best: float, second: float
) -> tuple[float, tuple[float, ...]]:
    """The reflected point, or one twice as far, or one half way."""

    def at(distance: float) -> tuple[float, tuple[float, ...]]:
        point = middle + distance * (middle - worst)
        return cost(point), tuple(point)

    reflected = at(1.0)
    if reflected[0] < best:
        return min(reflected, at(2.0))
    return reflected if reflected[0] < second else at(-0.5)


def _weights(at: Floats, groups: Sequence[Sequence[Claims]]) -> FusionWeights:
    sharpness, own, strength = float(at[0]), float(at[1]), float(np.exp(np.clip(at[2], -5, 5)))
    # With no strength the agreement is the writers' own, so its mean is the population's.
    bare = FusionWeights(sharpness, own, 0.0, 0.0)
    several = [c for group in groups for c in group if len(c.own) > 1]
    seen = [own_agreement(c.own, bare) for c in several]
    mean = float(np.average(seen, weights=[c.weight for c in several])) if seen else 0.0
    return FusionWeights(sharpness, own, mean, strength)


def _cost(group: Sequence[Claims], weights: FusionWeights) -> float:
    mated, non_mated = fuse_all(group, weights)
    slope, offset = fit_logistic(mated, non_mated)
    scale = np.log(10.0)
    miss = np.logaddexp(0, -(slope * mated.values + offset) * scale)
    alarm = np.logaddexp(0, (slope * non_mated.values + offset) * scale)
    total = np.average(miss, weights=mated.weights) + np.average(alarm, weights=non_mated.weights)
    return float(total / 2 / np.log(2))


def _join(scores: Sequence[Floats], claims: Sequence[Claims]) -> Comparisons:
    counts = [len(s) for s in scores]
    # Claims count for their weight however many signatures were compared.
    each = [c.weight / max(n, 1) for c, n in zip(claims, counts, strict=True)]
    writers = np.repeat(np.array([c.writer for c in claims], np.int64), counts)
    return Comparisons(np.concatenate(scores), writers, np.repeat(each, counts))
