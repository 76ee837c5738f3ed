"""A figure with its interval."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Any

from numpy.typing import ArrayLike

from sigsearch.arrays import Ids, Mask
from sigsearch.metrics import WriterBootstrap, interval

RESAMPLES = 1000


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure and its 95 % interval by bootstrap over writers; NaN where it cannot be had."""

    value: float
    low: float = float("nan")
    high: float = float("nan")

    @classmethod
    def of(cls, value: float, resampled: ArrayLike, trials: int = 0) -> Estimate:
        """`trials`: how many different signatures were questioned.

        Where none of them erred (or all did), resampling them shows no spread at all, and the rule
        of three takes its place: no error in n trials bounds the rate by 3 / n.
        """
        low, high = interval(resampled)
        if low == high and value in (0.0, 1.0) and trials:
            reach = min(3 / trials, 1.0)
            low, high = (0.0, reach) if value == 0.0 else (1.0 - reach, 1.0)
        return cls(value, low, high)

    @property
    def missing(self) -> bool:
        return math.isnan(self.value)

    def to_dict(self) -> dict[str, Any]:
        return record(self)


def share_of(errors: Mask, writers: Ids, trials: int = 0, count: int = 0) -> Estimate:
    """The share of `errors` (n,), by bootstrap over the `writers` (n,), numbers below `count`;
    trials: how many different ones were tried, all of them by default."""
    if not len(errors):
        return Estimate(float("nan"))
    bootstrap = WriterBootstrap.draw(count or int(writers.max()) + 1, RESAMPLES)
    resampled = bootstrap.mean(errors, writers)
    return Estimate.of(float(errors.mean()), resampled, trials or len(errors))


def record(figures: Any) -> dict[str, Any]:
    """The fields of a dataclass of figures, as JSON has them."""
    return {f.name: plain(getattr(figures, f.name)) for f in fields(figures)}


def plain(value: Any) -> Any:
    """Six digits a number; JSON has no NaN and no infinity, so these become null."""
    if isinstance(value, float):
        return float(f"{value:.6g}") if math.isfinite(value) else None
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {f"{k:g}" if isinstance(k, float) else k: plain(v) for k, v in value.items()}
    return value.to_dict() if hasattr(value, "to_dict") else value
