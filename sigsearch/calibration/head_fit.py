"""Learn the head from writers of whom genuine signatures and imitations are known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from sigsearch.calibration.fusion_fit import Claims
from sigsearch.calibration.logistic import logistic_weights
from sigsearch.errors import CalibrationError
from sigsearch.matching.head import CHANNELS, Head, features

_SHRINK = 1e-3  # of the coefficients of standardised features, beside a mean loss
_LEAST_WRITERS = 60  # fewer say more about themselves than about hands in general


def enough_for_a_head(groups: Mapping[int, Sequence[Claims]]) -> bool:
    """Whether the writers in `groups`, by the number of references, are enough to learn from."""
    return all(len({c.writer for c in group}) >= _LEAST_WRITERS for group in groups.values())


def fit_head(groups: Mapping[int, Sequence[Claims]]) -> Head:
    """One logistic model for each number of references; every claim counts for its weight, and
    genuine signatures as much as the others together.

    The spread of the scores stays about that of pair scores, in whose unit a handicap is taken
    off. Raises CalibrationError when there are no claims with both sides, or not with one
    reference.
    """
    found = {}
    for number, group in sorted(groups.items()):
        useful = [c for c in group if len(c.mated) and len(c.non_mated)]
        if useful:
            found[number] = _fit_one(useful, number)
    if 1 not in found:
        raise CalibrationError(
            "no writer has a reference and both own and other signatures to learn the head from"
        )
    return Head(found)


def _fit_one(claims: Sequence[Claims], references: int) -> tuple[float, ...]:
    sides = [(c.mated, 1.0) for c in claims], [(c.non_mated, 0.0) for c in claims]
    rows, target, weight = [], [], []
    for side in sides:
        each = [c.weight / len(scores) for (scores, _), c in zip(side, claims, strict=True)]
        total = sum(c.weight for c in claims)
        for (scores, label), c, share in zip(side, claims, each, strict=True):
            if scores.shape[2:] != (len(CHANNELS),):
                raise ValueError(f"likenesses (n, R, {len(CHANNELS)}) are expected")
            rows.append(features(scores, c.own, references))
            target.append(np.full(len(scores), label))
            weight.append(np.full(len(scores), share / total))
    x, y, w = np.concatenate(rows), np.concatenate(target), np.concatenate(weight) / 2
    middle = w @ x
    spread = np.sqrt(w @ (x - middle) ** 2) + 1e-9
    standard = np.stack([*((x - middle) / spread).T, np.ones(len(x))])
    shrink = np.append(np.full(x.shape[1], _SHRINK), 0.0)  # but for the constant
    solution = logistic_weights(standard, y, w, shrink)
    slopes = solution[:-1] / spread
    offset = solution[-1] - slopes @ middle
    unit = float(spread[0] / (np.sqrt(w @ (x @ slopes - middle @ slopes) ** 2) + 1e-9))
    return (float(offset * unit), *(slopes * unit).tolist())
