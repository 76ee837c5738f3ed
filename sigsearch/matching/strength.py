"""How strong evidence is, in words: the verbal scale of ENFSI's guideline for evaluative reporting
in forensic science (2015), by the order of the likelihood ratio."""

from __future__ import annotations

from math import isfinite, log10
from typing import Literal

from sigsearch.errors import CalibrationError
from sigsearch.schema import Proposition

Support = Literal[
    "no support", "weak support", "moderate support", "moderately strong support",
    "strong support", "very strong support", "extremely strong support",
]  # fmt: skip
Side = Literal["writer", "other", "neither"]

DEFAULT_STRENGTH = 2.0
"""The least likelihood ratio that the scale has a word for."""
_SCALE: tuple[tuple[float, Support], ...] = (
    (1e6, "extremely strong support"),
    (1e4, "very strong support"),
    (1e3, "strong support"),
    (1e2, "moderately strong support"),
    (1e1, "moderate support"),
    (2.0, "weak support"),
)
ALTERNATIVES: dict[Proposition, str] = {
    "skilled": "an imitation",
    "random": "somebody else's own signature",
    "both": "an imitation or somebody else's own signature",
}


def support_of(llr: float) -> Support:
    """The word for a log10 likelihood ratio, whichever side it supports."""
    # A ratio that was made from the edge itself must not fall short of it by rounding.
    return next((word for least, word in _SCALE if abs(llr) >= log10(least) - 1e-9), "no support")


def side_of(llr: float) -> Side:
    """Whom the likelihood ratio supports."""
    if support_of(llr) == "no support":
        return "neither"
    return "writer" if llr > 0 else "other"


def ratio(llr: float) -> str:
    """A likelihood ratio as people read it: `28`, `1.3`, `1/28`."""
    size = 10 ** abs(llr)
    shown = f"{size:,.0f}" if size >= 10 else f"{size:.1f}"
    return shown if llr >= 0 else f"1/{shown}"


def statement(llr: float, against: Proposition, population: str) -> str:
    """What the ratio supports, for what alternative and by whose signatures, in one sentence."""
    other, word, side = ALTERNATIVES[against], support_of(llr), side_of(llr)
    if side == "neither":
        claim = f"support neither the writer's own signature nor {other}"
    elif side == "writer":
        claim = f"give {word} to the writer's own signature rather than {other}"
    else:
        claim = f"give {word} to {other} rather than the writer's own signature"
    return f"The findings {claim}, as measured on {population}."


FORGERIES: dict[Proposition, str] = {
    "skilled": "skilled forgeries",
    "random": "random forgeries",
    "both": "skilled and random forgeries",
}
"""What a false match would be, in the field's words."""
UNWEIGHED = "The image does not allow the findings to be weighed."
COPY_UNWEIGHED = "The likeness of a copy to its original is no evidence of who signed."
"""The statements where something seen in the image forbids a firm decision, and of a copy."""


def check_strength(strength: float) -> None:
    """Raises CalibrationError unless it is a likelihood ratio of 1 or more."""
    if not (strength >= 1 and isfinite(strength)):
        raise CalibrationError(
            f"a strength is a likelihood ratio of 1 or more (default {DEFAULT_STRENGTH:g}), "
            f"not {strength}"
        )
