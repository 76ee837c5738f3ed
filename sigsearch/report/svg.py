"""Line plots as inline SVG: enough for error curves and distributions, and no dependency."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from sigsearch.report.page import environment

if TYPE_CHECKING:
    from markupsafe import Markup

BLUE, ORANGE, GREY = "#005ab5", "#c83c00", "#77777f"
# Blue and orange as on the rest of a page, then Okabe and Ito's: for colour-blind readers too.
COLOURS = (BLUE, ORANGE, "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")


@dataclass(frozen=True, slots=True)
class Axis:
    """`low` to `high` with ticks; logarithmic axes clip what lies below `low`."""

    label: str
    low: float
    high: float
    ticks: tuple[float, ...] = ()
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
    """Points (x, y) joined, in the next colour unless told; with a name it is in the legend."""

    name: str
    points: Sequence[Sequence[float]]
    dots: bool = False
    filled: bool = False
    colour: str = ""


class Mark(NamedTuple):
    """A named vertical line; the strong one is the one that the plot is about."""

    name: str
    at: float
    strong: bool = False


class Key(NamedTuple):
    """A colour and its meaning, for a legend beside the plots."""

    name: str
    colour: str


@dataclass(frozen=True, slots=True)
class Frame:
    """The size of a plot and its margins, in the units of the drawing."""

    width: int = 380
    height: int = 300
    left: int = 52
    right: int = 20
    top: int = 26
    bottom: int = 44

    @property
    def floor(self) -> int:
        return self.height - self.bottom

    @property
    def edge(self) -> int:
        return self.width - self.right

    @property
    def centre(self) -> float:
        return (self.left + self.edge) / 2

    @property
    def middle(self) -> float:
        return (self.top + self.floor) / 2

    def across(self, axis: Axis, value: float) -> float:
        return round(self.left + axis.place(value) * (self.edge - self.left), 1)

    def up(self, axis: Axis, value: float) -> float:
        return round(self.floor - axis.place(value) * (self.floor - self.top), 1)


RATE = Axis("", 0.001, 1.0, (0.001, 0.01, 0.1, 1.0), log=True, percent=True)
SHARE = Axis("", 0.0, 1.0, (0.0, 0.25, 0.5, 0.75, 1.0), percent=True)


def plot(
    title: str,
    x: Axis,
    y: Axis,
    lines: Sequence[Line],
    diagonal: bool = False,
    marks: Sequence[Mark] = (),
    frame: Frame | None = None,
    described: str = "",
) -> Markup:
    """An SVG element. `diagonal` draws where x equals y; `described` is for those who cannot see
    it, where there is no title."""
    from markupsafe import Markup

    place = frame or Frame()
    ends = max(x.low, y.low), min(x.high, y.high)
    curves = [_curve(place, x, y, line, COLOURS[n % len(COLOURS)]) for n, line in enumerate(lines)]
    drawn = environment().get_template("plot.svg").render(
        frame=place,
        title=title,
        described=described or title,
        x_label=x.label,
        y_label=y.label,
        across=[{"at": place.across(x, tick), "text": x.text(tick)} for tick in x.ticks],
        up=[_up(place, y, tick) for tick in y.ticks],
        diagonal=_track([(place.across(x, e), place.up(y, e)) for e in ends]) if diagonal else "",
        curves=curves,
        marks=[_mark(place, x, marks[n], level) for n, level in levels(marks, x.place)],
    )  # fmt: skip
    return Markup(drawn)  # its values were escaped by the template


LABELLED_LEFT = 0.7
"""Marks beyond this share of the width have their label to the left."""


def levels(marks: Sequence[Mark], place: Callable[[float], float]) -> Iterator[tuple[int, int]]:
    """Each mark's number and the level of its label, 0 = highest, so that no line runs through
    another's label: a line begins at its own level. `place` gives the share of the width."""
    shares = [place(mark.at) for mark in marks]
    outer = [n for n, share in enumerate(shares) if share > LABELLED_LEFT]
    inner = [n for n, share in enumerate(shares) if share <= LABELLED_LEFT]
    ordered = [
        *sorted(outer, key=lambda n: -shares[n]),
        *sorted(inner, key=lambda n: shares[n]),
    ]
    return ((number, level) for level, number in enumerate(ordered))


def round_ticks(low: float, high: float) -> tuple[float, ...]:
    """Four to nine round numbers within `low`..`high`."""
    step = 10.0 ** math.floor(math.log10((high - low) / 4))
    step *= next(m for m in (1, 2, 5, 10) if (high - low) / (step * m) <= 9)
    first, last = math.ceil(low / step), math.floor(high / step)
    return tuple(n * step for n in range(first, last + 1))


def _up(frame: Frame, axis: Axis, tick: float) -> dict[str, object]:
    at = frame.up(axis, tick)
    return {"at": at, "below": round(at + 4, 1), "text": axis.text(tick)}


def _curve(frame: Frame, x: Axis, y: Axis, line: Line, colour: str) -> dict[str, object]:
    points = [(frame.across(x, a), frame.up(y, b)) for a, b in line.points]
    feet = [(points[0][0], frame.floor), (points[-1][0], frame.floor)] if points else []
    return {
        "name": line.name,
        "colour": line.colour or colour,
        "track": _track(points),
        "area": _track([feet[0], *points, feet[1]]) if line.filled and points else "",
        "dots": points if line.dots else [],
    }


def _mark(frame: Frame, x: Axis, mark: Mark, level: int) -> dict[str, object]:
    """Labels stand on levels of their own, so that lines which lie close can all be read."""
    at = frame.across(x, mark.at)
    left = x.place(mark.at) > LABELLED_LEFT
    return {
        "name": mark.name,
        "strong": mark.strong,
        "at": at,
        "top": 12 + 14 * level,
        "text_at": round(at - 4 if left else at + 4, 1),
        "anchor": "end" if left else "start",
    }


def _track(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{a:.1f},{b:.1f}" for a, b in points)
