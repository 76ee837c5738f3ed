"""The plots of a report, for the evaluated scorer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from sigsearch.evaluation.figures import Figures
from sigsearch.evaluation.figures.evidence import CalibrationFigures
from sigsearch.evaluation.table_text import refs
from sigsearch.report.svg import RATE, SHARE, Axis, Line, plot

if TYPE_CHECKING:
    from markupsafe import Markup

_LLR = Axis("log10 likelihood ratio", -4.0, 4.0, (-4, -2, 0, 2, 4))


def det_plots(figures: Figures, against: str) -> Iterator[Markup]:
    """A DET plot a dataset, with one line for each number of references."""
    for name in dict.fromkeys(s for s, _, kind in figures.det if kind == against):
        lines = [
            Line(refs(count), points)
            for (s, count, kind), points in figures.det.items()
            if (s, kind) == (name, against)
        ]
        x, y = (replace(RATE, label=f"false {which} rate") for which in ("match", "non-match"))
        yield plot(f"{name}, {against} forgeries", x, y, lines, diagonal=True)


def cmc_plots(figures: Figures) -> Iterator[Markup]:
    own = [i for i in figures.identification if i.scorer == figures.scorer and i.cmc]
    for name in dict.fromkeys(i.slice for i in own):
        of_set = [i for i in own if i.slice == name]
        most = max(len(i.cmc) for i in of_set)
        low = min(0.9, *(i.cmc[0] for i in of_set)) // 0.1 / 10
        steps = 5 if low < 0.9 else 4
        ticks = tuple(round(low + (1 - low) * n / steps, 3) for n in range(steps + 1))
        lines = [
            Line(
                f"{refs(i.reference_count)}, N = {i.writer_count}",
                [(rank + 1, share) for rank, share in enumerate(i.cmc)],
                dots=len(i.cmc) < 2,
            )
            for i in of_set
        ]
        x = Axis("rank", 1, max(most, 2), tuple(t for t in (1, 5, 10, 15, 20) if t <= most))
        y = Axis("found at that rank or better", low, 1.0, ticks, percent=True)
        yield plot(name, x, y, lines)


def tippett_plots(figures: Figures) -> Iterator[Markup]:
    y = replace(SHARE, label="at or above")
    for c in _with_most_references(figures):
        lines = [
            Line("genuine", list(zip(c.tippett["at"], c.tippett["mated"], strict=True))),
            Line(c.against, list(zip(c.tippett["at"], c.tippett["non_mated"], strict=True))),
        ]
        yield plot(_title(c), _LLR, y, lines)


def reliability_plots(figures: Figures) -> Iterator[Markup]:
    x = replace(SHARE, label="stated probability")
    y = replace(SHARE, label="observed share of genuine")
    for c in _with_most_references(figures):
        points = list(zip(c.reliability["stated"], c.reliability["observed"], strict=True))
        yield plot(_title(c), x, y, [Line("", points, dots=True)], diagonal=True)


def _title(line: CalibrationFigures) -> str:
    return f"{line.slice}, {line.against}, {refs(line.reference_count)}"


def _with_most_references(figures: Figures) -> Iterator[CalibrationFigures]:
    """Of each set the evaluated scorer's lines at the most references."""
    most: dict[str, int] = {}
    for c in figures.calibration:
        most[c.slice] = max(c.reference_count, most.get(c.slice, 0))
    for c in figures.calibration:
        if c.scorer == figures.scorer and c.reference_count == most[c.slice]:
            yield c
