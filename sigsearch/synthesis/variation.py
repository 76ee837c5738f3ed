"""What differs between two signatures of one writer: mostly little, seldom a stroke, never all."""

from __future__ import annotations

import numpy as np

from sigsearch.synthesis.glyphs import FloatArray
from sigsearch.synthesis.hand import Hand
from sigsearch.synthesis.plan import Plan

SESSION = 5  # specimens written at one sitting


def vary(
    plan: Plan, hand: Hand, session: int, rng: np.random.Generator, *, events: bool = True
) -> Plan:
    """A plan for one specimen: the same habits on another occasion, and with other luck.

    Without `events` no target is left out, so that the plan still matches another hand's.
    """
    changed = _events(plan, hand.restlessness, rng)
    plan = changed if events else plan
    points = _letters(plan, hand.restlessness, rng)
    points = points + _wander(len(points), rng) * (0.05 * hand.restlessness * plan.flex[:, None])
    mood = np.random.default_rng((hand.seed, 21, session)).normal(0, 1, 5) * hand.drift
    return plan.with_points(_posture(points, hand.restlessness, mood, rng))


def _letters(plan: Plan, amount: float, rng: np.random.Generator) -> FloatArray:
    """Each letter is a little larger, higher or further off; spacing errors add up."""
    count = int(plan.letter.max()) + 1
    size = np.exp(rng.normal(0, 0.055, (count, 2)) * amount)[plan.letter]
    shift = np.stack([np.cumsum(rng.normal(0, 0.09, count)), rng.normal(0, 0.07, count)], axis=1)
    number = np.bincount(plan.letter, minlength=count)[:, None] + 1e-9
    centre = np.stack([np.bincount(plan.letter, plan.points[:, i], count) for i in (0, 1)], axis=1)
    middle = (centre / number)[plan.letter]
    flex = plan.flex[:, None]
    return np.asarray(
        middle + (plan.points - middle) * size**flex + shift[plan.letter] * amount * flex
    )


def _wander(count: int, rng: np.random.Generator) -> FloatArray:
    """Errors of aim (n, 2) of unit size, each akin to the one before."""
    noise = rng.normal(0, 1, (count + 3, 2))
    kernel = (0.35, 0.6, 0.6, 0.35)
    return np.asarray(sum(w * noise[i : i + count] for i, w in enumerate(kernel)))


def _posture(
    points: FloatArray, amount: float, mood: FloatArray, rng: np.random.Generator
) -> FloatArray:
    """Slant, size, aspect, slope and bow of the line: this day's mood and this moment's."""
    now = rng.normal(0, 1, 5)
    slant = np.tan(np.radians(2.0 * amount * now[0] + 1.6 * mood[0]))
    grow = np.exp(0.055 * amount * now[1] + 0.035 * mood[1])
    stretch = np.exp(0.055 * amount * now[2] + 0.03 * mood[2])
    turn = np.radians(1.5 * amount * now[3] + 1.0 * mood[3])
    x, y = points[:, 0] * grow * stretch, points[:, 1] * grow
    along = (x - x.min()) / max(float(np.ptp(x)), 1e-6)
    x = x + slant * y
    y = y + (0.08 * amount * now[4] + 0.05 * mood[4]) * 4 * along * (1 - along)
    return np.stack([x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn)], 1)


def _events(plan: Plan, amount: float, rng: np.random.Generator) -> Plan:
    """Now and then a dot is left out, a lift is saved, or a target is skipped in haste."""
    luck = rng.random((3, len(plan.points)))
    starts = np.flatnonzero(plan.lift)
    ends = np.append(starts[1:], len(plan.points))
    hop = np.hypot(*np.diff(plan.points, axis=0, prepend=plan.points[:1]).T)
    saved = plan.lift & (hop < 1.4) & (luck[0] < 0.05 * amount)
    saved[0] = False
    corner = plan.corner | saved | np.append(saved[1:], False)
    wanted = np.ones(len(plan.points), bool)
    for a, b in zip(starts[1:], ends[1:], strict=True):
        if b - a == 2 and hop[a + 1] < 0.4 and luck[1, a] < 0.05 * amount:
            wanted[a:b] = False
    inside = ~(plan.lift | np.append(plan.lift[1:], True) | plan.corner)
    wanted &= ~(inside & (luck[2] < 0.012 * amount))
    changed = Plan(plan.points, corner, plan.lift & ~saved, plan.letter, plan.flex)
    return changed.keep(wanted)
