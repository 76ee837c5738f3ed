"""The likenesses of a questioned signature with a writer's references -> one score.

A threshold has to fit all writers, but plain signatures come near one another whoever wrote them,
and a variable hand is met less closely than a steady one. So the score is a logistic model of how
alike the pairs are, of what they have in common anyway, and of the same among the references; it
was learnt from genuine signatures and imitations of many hands (`head_fitting`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sigsearch.errors import CalibrationError

Floats = NDArray[np.float64]
CHANNELS = ("score", "cosine", "common")
"""What is known of a pair (`similarity.likenesses`), in this order."""


@dataclass(frozen=True, slots=True)
class Head:
    """coefficients: number of references -> (offset, then one for each of `features`)."""

    coefficients: Mapping[int, tuple[float, ...]]

    def scores(self, questioned: Floats, own: Floats) -> Floats:
        """(n,), by the coefficients for that many references or for the nearest lower number;
        shapes as for `features`."""
        count = questioned.shape[1]
        below = [number for number in self.coefficients if number <= count]
        number = max(below, default=min(self.coefficients))
        offset, *rest = self.coefficients[number]
        found: Floats = features(questioned, own, number) @ np.array(rest) + offset
        return found

    def to_dict(self) -> dict[str, list[float]]:
        return {str(number): list(row) for number, row in self.coefficients.items()}

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Head:
        """Raises CalibrationError when a number is missing or not finite."""
        try:
            rows = {int(n): tuple(float(x) for x in row) for n, row in document.items()}
        except (AttributeError, TypeError, ValueError) as fault:
            raise CalibrationError(f"the head's coefficients cannot be read ({fault})") from None
        whole = all(len(row) == 1 + width(n) for n, row in rows.items())
        if not rows or min(rows) != 1 or not whole:
            raise CalibrationError("the head's coefficients cannot be read (too many or too few)")
        if not all(np.isfinite(row).all() for row in rows.values()):
            raise CalibrationError("the head's coefficients cannot be read (one is not finite)")
        return cls(rows)


def width(references: int) -> int:
    """How many features there are with so many references."""
    return len(CHANNELS) * (1 if references < 2 else 5)


def features(questioned: Floats, own: Floats, references: int) -> Floats:
    """(n, width(references)): of each channel the mean over the references; with several of them
    also the largest, the smallest, and the mean and the smallest among the references themselves.

    questioned: (n, R, channels); own: (R, R, channels), the diagonal ignored.
    """
    mean: Floats = questioned.mean(axis=1)
    if references < 2:
        return mean
    among = own[~np.eye(len(own), dtype=bool)]
    inner = np.concatenate([among.mean(axis=0), among.min(axis=0)])
    parts = [mean, questioned.max(axis=1), questioned.min(axis=1)]
    return np.concatenate([*parts, np.broadcast_to(inner, (len(mean), len(inner)))], axis=1)
