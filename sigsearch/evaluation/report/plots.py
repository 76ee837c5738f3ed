"""The plots of a report, for the evaluated scorer."""

from __future__ import annotations

from collections.abc import Iterator

from sigsearch.evaluation.figures import Figures
from sigsearch.evaluation.report.svg import RATE, SHARE, Axis, Line, plot

_LLR = Axis("log10 likelihood ratio", -4.0, 4.0, (-4, -2, 0, 2, 4))


def det_plots(figures: Figures, against: str) -> Iterator[str]:
    """A DET plot a dataset, with one line for each number of references."""
    for name in dict.fromkeys(s for s, _, kind in figures.det if kind == against):
        lines = [
            Line(f"{count} ref{'s' * (count > 1)}", points)
            for (s, count, kind), points in figures.det.items()
            if (s, kind) == (name, against)
        ]
        x = Axis("false match rate", RATE.low, RATE.high, RATE.ticks, log=True, percent=True)
        y = Axis("false non-match rate", RATE.low, RATE.high, RATE.ticks, log=True, percent=True)
        yield plot(f"{name}, {against} forgeries", x, y, lines, diagonal=True)


def cmc_plots(figures: Figures) -> Iterator[str]:
    own = [i for i in figures.identification if i.scorer == figures.scorer and i.cmc]
    for name in dict.fromkeys(i.slice for i in own):
        of_set = [i for i in own if i.slice == name]
        most = max(len(i.cmc) for i in of_set)
        low = min(0.9, *(i.cmc[0] for i in of_set)) // 0.1 / 10
        steps = 5 if low < 0.9 else 4
        ticks = tuple(round(low + (1 - low) * n / steps, 3) for n in range(steps + 1))
        lines = [
            Line(
                f"{i.references} ref{'s' * (i.references > 1)}, N = {i.gallery}",
                [(rank + 1, share) for rank, share in enumerate(i.cmc)],
                dots=len(i.cmc) < 2,
            )
            for i in of_set
        ]
        x = Axis("rank", 1, max(most, 2), tuple(t for t in (1, 5, 10, 15, 20) if t <= most))
        y = Axis("found at that rank or better", low, 1.0, ticks, percent=True)
        yield plot(name, x, y, lines)


def tippett_plots(figures: Figures) -> Iterator[str]:
    for c in figures.calibration:
        if c.scorer != figures.scorer or c.references != _most(figures, c.slice):
            continue
        lines = [
            Line("genuine", list(zip(c.tippett["at"], c.tippett["mated"], strict=True))),
            Line(c.against, list(zip(c.tippett["at"], c.tippett["non_mated"], strict=True))),
        ]
        y = Axis("at or above", 0.0, 1.0, SHARE.ticks, percent=True)
        yield plot(f"{c.slice}, {c.against}, {c.references} refs", _LLR, y, lines)


def reliability_plots(figures: Figures) -> Iterator[str]:
    for c in figures.calibration:
        if c.scorer != figures.scorer or c.references != _most(figures, c.slice):
            continue
        points = list(zip(c.reliability["stated"], c.reliability["observed"], strict=True))
        x = Axis("stated probability", 0.0, 1.0, SHARE.ticks, percent=True)
        y = Axis("observed share of genuine", 0.0, 1.0, SHARE.ticks, percent=True)
        title = f"{c.slice}, {c.against}, {c.references} refs"
        yield plot(title, x, y, [Line("", points, dots=True)], diagonal=True)


def _most(figures: Figures, name: str) -> int:
    return max(c.references for c in figures.calibration if c.slice == name)
