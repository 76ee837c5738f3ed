"""How figures are written."""

from __future__ import annotations

import math

from sigsearch.evaluation.figures.estimate import Estimate

MISSING = "–"
UNMARKED, NOT_BEATEN = "", "▲"
"""The mark of a figure that a trivial baseline equals or betters."""


def percent(value: float) -> str:
    """12.34 for 0.1234."""
    return MISSING if math.isnan(value) else f"{100 * value:.2f}"


def spread(estimate: Estimate) -> str:
    """[low–high], empty when there is no interval."""
    if math.isnan(estimate.low):
        return ""
    return f"[{100 * estimate.low:.1f}–{100 * estimate.high:.1f}]"


def rate(estimate: Estimate | None) -> str:
    """12.34 [10.1–15.0]"""
    if estimate is None or estimate.missing:
        return MISSING
    return f"{percent(estimate.value)} {spread(estimate)}".strip()


def number(value: float) -> str:
    return MISSING if math.isnan(value) else f"{value:.3f}"
