"""From a design and a hand to a plan: the script's own layout, a flourish, then the posture."""

from __future__ import annotations

import numpy as np

from sigsearch.synthesis.glyphs import FloatArray
from sigsearch.synthesis.hand import Hand
from sigsearch.synthesis.layouts.arabic import lay_out_arabic
from sigsearch.synthesis.layouts.cjk import lay_out_cjk
from sigsearch.synthesis.layouts.design import Design
from sigsearch.synthesis.layouts.flourish import add_flourish
from sigsearch.synthesis.layouts.hanging import lay_out_hanging
from sigsearch.synthesis.layouts.latin import lay_out_latin
from sigsearch.synthesis.layouts.scribble import lay_out_scribble
from sigsearch.synthesis.plan import Plan, PlanBuilder

_LAYOUTS = {
    "latin": lay_out_latin,
    "scribble": lay_out_scribble,
    "devanagari": lay_out_hanging,
    "bengali": lay_out_hanging,
    "cjk": lay_out_cjk,
    "arabic": lay_out_arabic,
}
# Scripts other than Latin are written more upright, and their signatures seldom carry a paraph.
_SLANT = {"latin": 1.0, "scribble": 1.0, "arabic": 0.4}
_SLOPE = {"devanagari": 0.4, "bengali": 0.4, "cjk": 0.7}
_FLOURISH = {"latin": 0.5, "scribble": 0.7, "arabic": 0.4, "cjk": 0.12}


def lay_out(design: Design, hand: Hand, *, flourish: bool = True) -> Plan:
    """The targets of a design as this hand would have them on an average day, in x-heights; without
    `flourish` nothing but the words.

    Nothing discrete depends on the hand: two hands give plans of the same length and order.
    """
    rng = np.random.default_rng((7, design.seed))
    builder = PlanBuilder()
    _LAYOUTS[design.script](design, hand, builder, rng)
    if rng.random() < _FLOURISH.get(design.script, 0.08) and flourish:
        add_flourish(hand, builder, rng)
    plan = builder.build()
    shares = _SLANT.get(design.script, 0.25), _SLOPE.get(design.script, 1.0)
    return plan.with_points(_posture(plan.points / 10, hand, *shares))


def _posture(points: FloatArray, hand: Hand, slant_share: float, slope_share: float) -> FloatArray:
    """Taper along the line, bow and slope of the baseline, slant of the letters."""
    x, y = points[:, 0], points[:, 1]
    along = (x - x.min()) / max(float(np.ptp(x)), 1e-6)
    y = y * (1 + hand.taper * (along - 0.5))
    x = x + np.tan(np.radians(hand.slant * slant_share)) * y
    y = y + hand.arch * 4 * along * (1 - along)
    angle = np.radians(hand.slope * slope_share)
    cos, sin = np.cos(angle), np.sin(angle)
    return np.stack([x * cos - y * sin, x * sin + y * cos], axis=1)
