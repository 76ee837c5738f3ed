"""Where a score lies among those of the calibration writers, as a drawing inside the page."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

import numpy as np
from numpy.typing import NDArray

from sigsearch.matching.calibration import Calibration, CalibrationSet

Floats = NDArray[np.float64]
COLOURS = {"genuine": "#005ab5", "skilled": "#c83c00", "random": "#77777f"}
NAMES = {
    "genuine": "the writer's own signatures",
    "skilled": "skilled forgeries",
    "random": "other people's signatures",
}
_WIDTH, _HEIGHT, _FLOOR = 720, 256, 216
_LABEL = 14  # half the width of a number on the axis
_BINS = 44


def distributions(
    calibrations: CalibrationSet, references: int, handicap: float
) -> dict[str, tuple[Floats, Floats]]:
    """For each kind that was calibrated: edges (k,) and the share of scores below each, among
    signatures with this `handicap`."""
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


def place_of_score(
    score: float, thresholds: Mapping[str, float], kinds: Mapping[str, tuple[Floats, Floats]]
) -> str:
    """An SVG of the distributions, the score and the named thresholds."""
    low = min([score, *(edges[0] for edges, _ in kinds.values())])
    high = max([score, *(edges[-1] for edges, _ in kinds.values())])
    low, high = low - 0.03 * (high - low), high + 0.03 * (high - low)
    bins = np.linspace(low, high, _BINS + 1)
    shares = {name: _binned(edges, below, bins) for name, (edges, below) in kinds.items()}
    top = max(float(s.max()) for s in shares.values())
    parts = [_curve(name, share, top) for name, share in shares.items()]
    # Labels on three levels, so that lines which lie close can all be read.
    parts.append(_line(_x(score, low, high), f"this score {score:.2f}", "", 12))
    for level, (name, value) in enumerate(thresholds.items()):
        parts.append(_line(_x(value, low, high), name, "4 3", 26 + 14 * level))
    parts.append(_axis(low, high))
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="Distribution of scores" '
        f'style="width:100%;font:12px system-ui,sans-serif">{"".join(parts)}</svg>{_legend(kinds)}'
    )


def _binned(edges: Floats, below: Floats, bins: Floats) -> Floats:
    share = np.diff(np.interp(bins, edges, below, left=0.0, right=1.0))
    # Tables have few points in the middle; a light smoothing hides their steps.
    smooth: Floats = np.convolve(np.pad(share, 1, mode="edge"), [0.25, 0.5, 0.25], mode="valid")
    return smooth


def _x(value: float, low: float, high: float) -> float:
    return float(_WIDTH * (value - low) / (high - low))


def _curve(name: str, share: Floats, top: float) -> str:
    step = _WIDTH / len(share)
    points = [
        f"{(n + 0.5) * step:.1f},{_FLOOR - 150 * value / top:.1f}" for n, value in enumerate(share)
    ]
    colour = COLOURS[name]
    return (
        f'<polygon points="0,{_FLOOR} {" ".join(points)} {_WIDTH},{_FLOOR}" fill="{colour}" '
        f'fill-opacity=".16" stroke="{colour}" stroke-width="1.6"/>'
    )


def _line(x: float, name: str, dashes: str, y: int) -> str:
    anchor = "end" if x > _WIDTH * 0.7 else "start"
    shift = -4 if anchor == "end" else 4
    style = f'stroke-dasharray="{dashes}"' if dashes else 'stroke-width="2.5"'
    return (
        f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{y - 8}" y2="{_FLOOR}" stroke="#1c1c1e" {style}/>'
        f'<text x="{x + shift:.1f}" y="{y}" text-anchor="{anchor}" paint-order="stroke" '
        f'stroke="#fff" stroke-width="4">{escape(name)}</text>'  # a line behind it is interrupted
    )


def _axis(low: float, high: float) -> str:
    step = 10 ** np.floor(np.log10((high - low) / 4))
    step *= next(m for m in (1, 2, 5, 10) if (high - low) / (step * m) <= 9)
    marks = np.arange(np.ceil(low / step), np.floor(high / step) + 1) * step
    places = [(_x(float(mark), low, high), mark) for mark in marks]
    ticks = "".join(
        f'<text x="{x:.1f}" y="{_FLOOR + 18}" text-anchor="middle">{mark:g}</text>'
        for x, mark in places
        if _LABEL <= x <= _WIDTH - _LABEL  # the picture's edge would cut the others
    )
    middle = f'<text x="{_WIDTH / 2}" y="{_FLOOR + 36}" text-anchor="middle">score</text>'
    base = f'<line x1="0" x2="{_WIDTH}" y1="{_FLOOR}" y2="{_FLOOR}" stroke="#1c1c1e"/>'
    return base + ticks + middle


def _legend(kinds: Mapping[str, tuple[Floats, Floats]]) -> str:
    keys = "".join(
        f'<span class="key" style="background:{COLOURS[n]}"></span>{escape(NAMES[n])}'
        for n in kinds
    )
    return f'<p class="quiet">{keys}</p>'
