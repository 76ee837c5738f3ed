"""A figure with its interval."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from numpy.typing import ArrayLike

from sigsearch.evaluation.metrics import interval


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure and its 95 % interval by bootstrap over writers; NaN where it cannot be had."""

    value: float
    low: float = float("nan")
    high: float = float("nan")

    @classmethod
    def of(cls, value: float, resampled: ArrayLike) -> Estimate:
        low, high = interval(resampled)
        return cls(value, low, high)

    @property
    def missing(self) -> bool:
        return math.isnan(self.value)

    def to_dict(self) -> dict[str, float | None]:
        return {"value": plain(self.value), "low": plain(self.low), "high": plain(self.high)}


def plain(value: Any) -> Any:
    """JSON has no NaN and no infinity: they become null."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return float(f"{value:.6g}") if isinstance(value, float) else value
