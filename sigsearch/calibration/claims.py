"""Trials -> the claims that a calibration is fitted to, each hand counting the same."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np

from sigsearch.arrays import Floats, Singles
from sigsearch.calibration.fusion_fit import Claims
from sigsearch.trials.trial import Forgery, Trial


def able(trials: Sequence[Trial], against: Forgery, references: int) -> list[Trial]:
    """The trials with that many references and both sides present."""
    return [t for t in trials if len(t.own) >= references and len(t.genuine) and t.has(against)]


def pairs_of(trials: Sequence[Trial], against: Forgery) -> tuple[int, int]:
    """How many pairs of a questioned signature and a writer the trials hold, mated and non-mated.

    A stranger's signature is another pair with each writer it is laid before; with other
    references of the same writer it is the same pair again.
    """
    own: dict[tuple[str, str], set[int]] = defaultdict(set)
    others: dict[tuple[str, str], int] = {}
    for trial in trials:
        who = (trial.dataset, trial.writer)
        own[who].update(trial.questioned.tolist())
        others[who] = len(trial.against(against))
    return sum(map(len, own.values())), sum(others.values())


def claims_of(trials: Sequence[Trial], against: Forgery, references: int) -> list[Claims]:
    """The claims of all trials that are `able`. Every dataset counts the same, and within it every
    hand."""
    used = able(trials, against, references)
    draws = Counter((t.dataset, t.hand) for t in used)
    hands = Counter(dataset for dataset, _ in draws)
    number = {hand: n for n, hand in enumerate(sorted(draws))}
    claims = []
    for trial in used:
        who = (trial.dataset, trial.hand)
        weight = 1 / draws[who] / hands[trial.dataset]
        claims.append(_claims(trial, against, references, number[who], weight))
    return claims


def _claims(trial: Trial, against: Forgery, references: int, writer: int, weight: float) -> Claims:
    """The claims of one trial against its first `references` references."""
    handicapped = against == "random"
    own, others, among = (
        scores[:, :references].astype(np.float64)
        for scores in (trial.genuine, trial.against(against), trial.own[:references])
    )
    return Claims(
        mated=own,
        non_mated=others,
        own=among,
        writer=writer,
        weight=weight,
        mated_plain=_double(trial.genuine_plain) if handicapped else None,
        non_mated_plain=_double(trial.random_plain) if handicapped else None,
    )


def _double(plain: Singles | None) -> Floats | None:
    return None if plain is None else plain.astype(np.float64)
