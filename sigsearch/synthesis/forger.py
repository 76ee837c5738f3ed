"""Forgers: another hand, with habits of its own, after somebody else's signature.

A forger is a person too. What he catches of his model is blended with what his own hand would do
over the same design, letter by letter and the same way every time he tries; so his work differs
from the genuine article by system, not by noise.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from sigsearch.synthesis.execution import Manner, execute
from sigsearch.synthesis.glyphs import FloatArray
from sigsearch.synthesis.hand import Hand, draw_hand
from sigsearch.synthesis.layouts import lay_out
from sigsearch.synthesis.motor import bends
from sigsearch.synthesis.pens import draw_pen
from sigsearch.synthesis.plan import Plan
from sigsearch.synthesis.specimen import Specimen
from sigsearch.synthesis.variation import vary
from sigsearch.synthesis.writer import DEFAULT_DPI, Writer

LEVELS = ("name", "seen", "traced")


@dataclass(frozen=True, slots=True)
class Skill:
    """What a forger catches of his model, as shares: 0 = all his own, 1 = all the model's."""

    posture: float  # size, slant, spacing
    shape: float  # form of the letters
    motor: float  # roundness, rhythm
    manner: Manner


def forge(writer: Writer, number: int, forger: int, level: str, dpi: int = DEFAULT_DPI) -> Specimen:
    """A forgery of genuine specimen `number` of a writer, by the forger of that seed.

    `level`: "name" (only the name is known), "seen" (the specimen was seen and is written from
    memory at some speed), "traced" (slowly, with the specimen underneath). Raises ValueError for
    another level.
    """
    if level not in LEVELS:
        raise ValueError(f"no forgery level {level!r}; choose one of {', '.join(LEVELS)}")
    character = np.random.default_rng((4, forger))
    own = draw_hand(int(character.integers(2**62)), character, writer.design.script)
    skill = _draw_skill(level, character)
    rng = np.random.default_rng((5, writer.seed, number, forger, LEVELS.index(level)))
    hand = own.blend(writer.hand, skill.posture)
    motor = own.blend(writer.hand, skill.motor)
    if level == "name":
        plan = lay_out(replace(writer.design, seed=own.seed), hand)
    else:
        plan = _imitate(writer, number, hand, own, skill.shape)
    plan = vary(plan, replace(own, restlessness=0.9 * own.restlessness), 0, rng)
    if level == "traced":
        plan = _piece_together(plan, rng)
    pen = draw_pen(rng)
    ink, path = execute(plan, replace(motor, height=hand.height), pen, rng, dpi, skill.manner)
    return Specimen(ink, path, dpi, writer.seed, number, "forgery", level, pen.kind)


def _draw_skill(level: str, rng: np.random.Generator) -> Skill:
    u = rng.random(5)
    if level == "name":
        return Skill(0.0, 0.0, 0.0, Manner(slowness=1.1))
    if level == "seen":
        manner = Manner(1.2 + 0.9 * u[0], 0.035 * u[1], 0.3 * u[1], 0.1 + 0.3 * u[2])
        return Skill(0.25 + 0.5 * u[3], 0.05 + 0.5 * u[4], 0.1 + 0.4 * u[3], manner)
    manner = Manner(2.0 + 1.5 * u[0], 0.03 + 0.06 * u[1], 0.5 + 0.4 * u[2], 0.4 + 0.5 * u[2])
    return Skill(0.8 + 0.16 * u[3], 0.65 + 0.25 * u[4], 0.3 + 0.4 * u[3], manner)


def _imitate(writer: Writer, number: int, hand: Hand, own: Hand, share: float) -> Plan:
    """The model's targets with letter shapes drawn towards the forger's own."""
    habits = np.random.default_rng((own.seed, 31, writer.seed))
    seen = np.random.default_rng((2, writer.seed, number))
    model = vary(writer.plan, writer.hand, writer.session(number), seen, events=False)
    mine = lay_out(writer.design, hand).points
    count = int(model.letter.max()) + 1
    weight = np.clip(habits.normal(share, 0.12, count), 0.0, 1.0)[model.letter, None]
    middle, my_middle = _centres(model.points, model), _centres(mine, model)
    shape = weight * (model.points - middle) + (1 - weight) * (mine - my_middle)
    place = share**0.5 * middle + (1 - share**0.5) * my_middle
    return model.with_points(place + shape)


def _centres(points: FloatArray, plan: Plan) -> FloatArray:
    """For each target the middle of its letter, (n, 2)."""
    total = np.bincount(plan.letter) + 1e-9
    sums = [np.bincount(plan.letter, points[:, i]) / total for i in (0, 1)]
    return np.stack(sums, axis=1)[plan.letter]


def _piece_together(plan: Plan, rng: np.random.Generator) -> Plan:
    """A tracing goes by short strokes: half-way stops, and lifts where nobody else would lift."""
    chord = np.diff(plan.points, axis=0)
    bend = bends(plan, 0.0)
    right = chord[:, ::-1] * (1, -1)
    middle = plan.points[:-1] + chord / 2 + right / 2 * np.tan(bend / 4)[:, None]
    middle = middle + rng.normal(0, 0.02, middle.shape)
    long = ~plan.lift[1:] & (np.hypot(*chord.T) > 0.7)
    stop = np.flatnonzero(long & (rng.random(len(long)) < 0.6)) + 1
    again = np.flatnonzero(long & (rng.random(len(long)) < 0.05)) + 1
    # An unusual lift: the pen leaves, and comes down again close by before going on.
    near = plan.points[again - 1] + rng.normal(0, 0.05, (len(again), 2))
    at = np.concatenate([stop, again])
    return Plan(
        np.insert(plan.points, at, np.concatenate([middle[stop - 1], near]), axis=0),
        np.insert(plan.corner, at, False),
        np.insert(plan.lift, at, np.repeat([False, True], [len(stop), len(again)])),
        np.insert(plan.letter, at, plan.letter[at]),
        np.insert(plan.flex, at, plan.flex[at]),
    )
