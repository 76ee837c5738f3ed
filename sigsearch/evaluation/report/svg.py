"""Line plots as inline SVG: enough for error curves, and no dependency."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

_WIDTH, _HEIGHT = 380, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 20, 26, 44
# Okabe and Ito's palette: told apart by colour-blind readers too.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")


@dataclass(frozen=True, slots=True)
class Axis:
    """`low` to `high` with ticks; logarithmic axes clip what lies below `low`."""

    label: str
    low: float
    high: float
    ticks: tuple[float, ...]
    log: bool = False
    percent: bool = False

    def place(self, value: float) -> float:
        """0..1 along the axis."""
        inside = min(max(value, self.low), self.high)
        if self.log:
            return math.log(inside / self.low) / math.log(self.high / self.low)
        return (inside - self.low) / (self.high - self.low)

    def text(self, value: float) -> str:
        return f"{100 * value:g} %" if self.percent else f"{value:g}"


@dataclass(frozen=True, slots=True)
class Line:
    name: str
    points: Sequence[Sequence[float]]
    dashed: bool = False
    dots: bool = False
    colour: str = ""


RATE = Axis("", 0.001, 1.0, (0.001, 0.01, 0.1, 1.0), log=True, percent=True)
SHARE = Axis("", 0.0, 1.0, (0.0, 0.25, 0.5, 0.75, 1.0), percent=True)


def plot(title: str, x: Axis, y: Axis, lines: Sequence[Line], diagonal: bool = False) -> str:
    """An SVG element. `diagonal` draws where x equals y."""

    def at_x(value: float) -> float:
        return _LEFT + x.place(value) * (_WIDTH - _LEFT - _RIGHT)

    def at_y(value: float) -> float:
        return _HEIGHT - _BOTTOM - y.place(value) * (_HEIGHT - _TOP - _BOTTOM)

    parts = [
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(title)}">',
        f'<text class="title" x="{_LEFT}" y="15">{escape(title)}</text>',
        *_grid(x, y, at_x, at_y),
    ]
    if diagonal:
        ends = max(x.low, y.low), min(x.high, y.high)
        parts.append(_path([(at_x(end), at_y(end)) for end in ends], "#999", dashed=True))
    for number, line in enumerate(lines):
        colour = line.colour or COLOURS[number % len(COLOURS)]
        points = [(at_x(a), at_y(b)) for a, b in line.points]
        parts.append(_path(points, colour, line.dashed))
        if line.dots:
            parts += [
                f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3" fill="{colour}"/>' for a, b in points
            ]
    parts += _legend(lines)
    return "".join([*parts, "</svg>"])


def _grid(
    x: Axis, y: Axis, at_x: Callable[[float], float], at_y: Callable[[float], float]
) -> list[str]:
    bottom, right = _HEIGHT - _BOTTOM, _WIDTH - _RIGHT
    parts = []
    for tick in x.ticks:
        place = at_x(tick)
        parts.append(
            f'<line class="grid" x1="{place:.1f}" x2="{place:.1f}" y1="{_TOP}" y2="{bottom}"/>'
        )
        parts.append(
            f'<text x="{place:.1f}" y="{bottom + 15}" text-anchor="middle">{x.text(tick)}</text>'
        )
    for tick in y.ticks:
        place = at_y(tick)
        parts.append(
            f'<line class="grid" x1="{_LEFT}" x2="{right}" y1="{place:.1f}" y2="{place:.1f}"/>'
        )
        parts.append(
            f'<text x="{_LEFT - 5}" y="{place + 4:.1f}" text-anchor="end">{y.text(tick)}</text>'
        )
    middle = (_LEFT + right) / 2
    parts.append(
        f'<text x="{middle}" y="{_HEIGHT - 8}" text-anchor="middle">{escape(x.label)}</text>'
    )
    parts.append(
        f'<text transform="translate(11 {(_TOP + bottom) / 2}) rotate(-90)" '
        f'text-anchor="middle">{escape(y.label)}</text>'
    )
    return parts


def _path(points: Sequence[tuple[float, float]], colour: str, dashed: bool = False) -> str:
    if not points:
        return ""
    track = " ".join(f"{a:.1f},{b:.1f}" for a, b in points)
    dash = ' stroke-dasharray="4 3"' if dashed else ""
    return f'<polyline fill="none" stroke="{colour}" stroke-width="1.6"{dash} points="{track}"/>'


def _legend(lines: Sequence[Line]) -> list[str]:
    parts = []
    for number, line in enumerate(lines):
        colour = line.colour or COLOURS[number % len(COLOURS)]
        y = _TOP + 12 + 14 * number
        x = _WIDTH - _RIGHT - 6
        parts.append(
            f'<text class="legend" x="{x}" y="{y}" text-anchor="end" fill="{colour}">'
            f"{escape(line.name)}</text>"
        )
    return parts
