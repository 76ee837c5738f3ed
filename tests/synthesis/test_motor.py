"""The sigma-lognormal motor against what the model says."""

from __future__ import annotations

import numpy as np
import pytest

from sigsearch.synthesis.motor import bends, move
from sigsearch.synthesis.plan import Plan


def plan_through(*points: tuple[float, float], lifts: tuple[int, ...] = (0,)) -> Plan:
    n = len(points)
    lift = np.isin(np.arange(n), lifts)
    return Plan(np.array(points, float), np.zeros(n, bool), lift, np.zeros(n, int), np.ones(n))


def run(plan: Plan, overlap: float, bend: float = 0.0, sigma: float = 0.3):  # type: ignore[no-untyped-def]
    n = len(plan.points) - 1
    full = np.full(n, 1.0)
    return move(plan, bend * full, 0.12 * full, overlap * full, sigma * full)


@pytest.mark.parametrize("overlap", [0.0, 0.25, 0.48])
@pytest.mark.parametrize("bend", [0.0, 1.5, -3.0])
def test_a_movement_ends_at_the_last_target(overlap: float, bend: float) -> None:
    plan = plan_through((0, 0), (1, 2), (3, 1), (2, -1))
    assert run(plan, overlap, bend).xy[-1] == pytest.approx((2, -1), abs=1e-9)


def test_without_overlap_every_target_is_touched_and_with_overlap_corners_are_cut() -> None:
    plan = plan_through((0, 0), (2, 0), (2, 2))
    miss = [np.hypot(*(run(plan, overlap).xy - (2, 0)).T).min() for overlap in (0.0, 0.25, 0.45)]
    assert miss[0] < 1e-9
    assert 0 < miss[1] < miss[2] < 0.5


def test_a_bent_stroke_is_an_arc_of_a_circle() -> None:
    path = run(plan_through((0, 0), (2, 0)), 0.0, bend=np.pi).xy
    assert np.hypot(*(path - (1, 0)).T) == pytest.approx(np.ones(len(path)), abs=0.02)
    assert path[:, 1].min() == pytest.approx(-1, abs=0.02)  # turning left, it sets out to the right


def test_speed_is_lognormal_steep_first_then_a_long_tail() -> None:
    speed = run(plan_through((0, 0), (2, 0)), 0.0, sigma=0.45).speed
    assert int(speed.argmax()) < 0.4 * len(speed)


def test_the_pen_is_up_between_runs_only() -> None:
    movement = run(plan_through((0, 0), (1, 0), (5, 5), (6, 5), lifts=(0, 2)), 0.3)
    drawn = movement.xy[movement.down]
    assert not ((drawn[:, 0] > 1.3) & (drawn[:, 0] < 4.7)).any()
    assert (~movement.down).any()


def test_a_regular_polygon_is_bent_into_a_circle() -> None:
    turn = np.linspace(0, 2 * np.pi, 9)
    bend = bends(plan_through(*zip(np.cos(turn), np.sin(turn), strict=True)), sweep=0.0)
    assert bend == pytest.approx(np.full(8, 2 * np.pi / 8))
