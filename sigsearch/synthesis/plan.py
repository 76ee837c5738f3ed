"""A plan: the targets that a signature runs through, and the builder that lays them out."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sigsearch.synthesis.glyphs import BoolArray, FloatArray

IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Plan:
    """Targets in x-heights, y upwards: `points` (n, 2), and for each target

    `corner` whether the pen turns sharply there, `lift` whether it arrives through the air,
    `letter` (n,) the number of the letter, `flex` (n,) how freely it varies (1 = as letters do).
    """

    points: FloatArray
    corner: BoolArray
    lift: BoolArray
    letter: IntArray
    flex: FloatArray

    @property
    def ink_length(self) -> float:
        """Length of the straight lines between the targets that are drawn, in x-heights."""
        step = np.diff(self.points, axis=0)[~self.lift[1:]]
        return float(np.hypot(step[:, 0], step[:, 1]).sum())

    def with_points(self, points: FloatArray) -> Plan:
        """The same plan through other targets."""
        return Plan(points, self.corner, self.lift, self.letter, self.flex)

    def keep(self, wanted: BoolArray) -> Plan:
        """The plan without some targets; a lift before a dropped target moves to the next one."""
        lift = self.lift.copy()
        for i in np.flatnonzero(~wanted & self.lift):
            if i + 1 < len(lift):
                lift[i + 1] = True
        return Plan(
            self.points[wanted],
            self.corner[wanted],
            lift[wanted],
            self.letter[wanted],
            self.flex[wanted],
        )


@dataclass(slots=True)
class PlanBuilder:
    """Collects parts in the order of writing."""

    points: list[FloatArray] = field(default_factory=list)
    corner: list[BoolArray] = field(default_factory=list)
    lift: list[BoolArray] = field(default_factory=list)
    letter: list[int] = field(default_factory=list)
    flex: list[float] = field(default_factory=list)

    def add(
        self,
        points: FloatArray,
        corner: BoolArray | None = None,
        lift: BoolArray | None = None,
        *,
        letter: int,
        flex: float = 1.0,
    ) -> None:
        """Append targets (n, 2); without `lift` the pen is lifted before the first one only."""
        n = len(points)
        self.points.append(points)
        self.corner.append(np.zeros(n, bool) if corner is None else corner)
        self.lift.append(np.arange(n) == 0 if lift is None else lift)
        self.letter.extend([letter] * n)
        self.flex.extend([flex] * n)

    def box(self) -> tuple[float, float, float, float]:
        """Left, bottom, right and top of what has been laid out."""
        points = np.concatenate(self.points)
        (left, bottom), (right, top) = points.min(0), points.max(0)
        return float(left), float(bottom), float(right), float(top)

    def build(self) -> Plan:
        """The finished plan; the first target is always reached through the air."""
        lift = np.concatenate(self.lift)
        lift[0] = True
        return Plan(
            np.concatenate(self.points),
            np.concatenate(self.corner),
            lift,
            np.array(self.letter),
            np.array(self.flex),
        )
