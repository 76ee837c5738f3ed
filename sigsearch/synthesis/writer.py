"""Writers, each invented from one number."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sigsearch.synthesis.execution import execute
from sigsearch.synthesis.hand import Hand, draw_hand
from sigsearch.synthesis.layouts import Design, draw_design, lay_out
from sigsearch.synthesis.pens import Pen, draw_pen
from sigsearch.synthesis.plan import Plan
from sigsearch.synthesis.specimen import Specimen
from sigsearch.synthesis.variation import SESSION, vary

DEFAULT_DPI = 300
_SHORTEST = 14.0  # x-heights of ink; a bare stroke is nobody's signature


@dataclass(frozen=True, slots=True)
class Writer:
    """A person who does not exist: a design, a hand, a plan made of both, and a favourite pen."""

    seed: int
    design: Design
    hand: Hand
    plan: Plan
    pen: Pen

    @classmethod
    def from_seed(cls, seed: int, script: str | None = None) -> Writer:
        """The writer of this number (0 or more), always the same.

        Raises ValueError for a script that is not in SCRIPTS.
        """
        rng = np.random.default_rng((1, seed))
        pen = draw_pen(rng)
        while True:
            design = draw_design(int(rng.integers(2**62)), rng, script)
            hand = draw_hand(int(rng.integers(2**62)), rng, design.script)
            plan = lay_out(design, hand)
            if plan.ink_length > _SHORTEST:
                return cls(seed, design, hand, plan, pen)

    def intend(self, number: int) -> Plan:
        """The targets of genuine specimen `number`, in x-heights."""
        rng = np.random.default_rng((2, self.seed, number))
        return vary(self.plan, self.hand, self.session(number), rng)

    @staticmethod
    def session(number: int) -> int:
        """The sitting at which specimen `number` was written."""
        return number // SESSION

    def specimen(self, number: int, dpi: int = DEFAULT_DPI) -> Specimen:
        """Genuine specimen `number` (0 or more), always the same for a number and resolution."""
        rng = np.random.default_rng((3, self.seed, number))
        pen = self.pen if rng.random() < 0.6 else draw_pen(rng)
        ink, trajectory = execute(self.intend(number), self.hand, pen, rng, dpi)
        return Specimen(ink, trajectory, dpi, self.seed, number, "genuine", "", pen.kind)
