"""Where a score lies among those of the calibration writers, as a drawing inside the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sigsearch.matching.calibration import Calibration, CalibrationSet
from sigsearch.report.svg import BLUE, GREY, ORANGE, Axis, Frame, Key, Line, Mark, plot, round_ticks

if TYPE_CHECKING:
    from markupsafe import Markup

Floats = NDArray[np.float64]
Kinds = Mapping[str, tuple[Floats, Floats]]
"""For each kind of signature: edges (k,) of scores and the share of scores below each."""
KEYS = {
    "genuine": Key("the writer's own signatures", BLUE),
    "skilled": Key("skilled forgeries", ORANGE),
    "random": Key("other people's signatures", GREY),
}
_FRAME = Frame(width=720, height=256, left=16, right=16, top=66, bottom=40)
_BINS = 44


def distributions(calibrations: CalibrationSet, references: int, handicap: float) -> Kinds:
    """Of each kind that was calibrated, among signatures with this `handicap`."""
    known: dict[str, Calibration] = {}
    for proposition in ("random", "skilled"):
        if any(c.proposition == proposition for c in calibrations.calibrations):
            known[proposition] = calibrations.choose(proposition, references)
    found = {}
    for name, calibration in known.items():
        rates = calibration.rates
        edges = rates.thresholds + (handicap if name == "random" else 0.0)
        found[name], found["genuine"] = (edges, 1 - rates.fmr), (edges, rates.fnmr)
    return found


def legend(kinds: Kinds) -> list[Key]:
    return [KEYS[name] for name in kinds]


@dataclass(frozen=True, slots=True)
class Shares:
    """The distributions as lines: axis `low`..`high`, `middles` (n,) of the bins, and for each kind
    the share (n,) of its scores in each."""

    low: float
    high: float
    middles: Floats
    kinds: Mapping[str, Floats]

    @property
    def most(self) -> float:
        return max(float(share.max()) for share in self.kinds.values())


def shares_around(score: float, kinds: Kinds) -> Shares:
    """The distributions, on an axis that holds the score too."""
    low = min(edges[0] for edges, _ in kinds.values())
    high = max(edges[-1] for edges, _ in kinds.values())
    # The bins are the same for all scores: others are added where a score lies outside.
    wide = 1.06 * (high - low) / _BINS
    low -= 0.03 * (high - low)
    before = max(0, ceil((low - score) / wide))
    after = max(0, ceil((score - low) / wide) - _BINS)
    bins = low + wide * np.arange(-before, _BINS + after + 1)
    low, high = float(bins[0]), float(bins[-1])
    shares = {name: _binned(edges, below, bins) for name, (edges, below) in kinds.items()}
    return Shares(low, high, (bins[:-1] + bins[1:]) / 2, shares)


def place_of_score(score: float, thresholds: Sequence[Mark], kinds: Kinds) -> Markup:
    """The distributions, the score and the named thresholds."""
    shares = shares_around(score, kinds)
    middles, low, high = shares.middles, shares.low, shares.high
    lines = [
        Line("", np.column_stack([middles, share]).tolist(), filled=True, colour=KEYS[name].colour)
        for name, share in shares.kinds.items()
    ]
    return plot(
        "",
        Axis("score", low, high, round_ticks(low, high)),
        Axis("", 0.0, shares.most),
        lines,
        marks=[Mark(f"this score {score:.2f}", score, strong=True), *thresholds],
        frame=_FRAME,
        described="Distribution of scores",
    )


def _binned(edges: Floats, below: Floats, bins: Floats) -> Floats:
    share = np.diff(np.interp(bins, edges, below, left=0.0, right=1.0))
    # Tables have few points in the middle; a light smoothing hides their steps.
    smooth: Floats = np.convolve(np.pad(share, 1, mode="edge"), [0.25, 0.5, 0.25], mode="valid")
    return smooth
