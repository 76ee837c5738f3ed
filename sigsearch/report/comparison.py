"""The comparison of the two approaches as one page with plots."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from sigsearch.comparison.conclusion import conclusion
from sigsearch.comparison.outcome import Comparison, Stage
from sigsearch.comparison.table import HEADS, sections
from sigsearch.report.page import render
from sigsearch.report.svg import COLOURS, Axis, Key, Line, plot

if TYPE_CHECKING:
    from markupsafe import Markup


def comparison_page(found: Comparison) -> str:
    """HTML: nothing is fetched, no script."""
    return render(
        "comparison.html",
        title="Two approaches to the same writers",
        found=found,
        trained_on="; ".join(found.encoder_trained_on) or "data that its card does not name",
        conclusions=conclusion(found),
        heads=HEADS,
        sections=sections(found),
        keys=[Key(n, c) for n, c in zip(("classifier", "index"), COLOURS, strict=False)],
        plots=list(_plots(found.stages)),
    )


def _plots(stages: Sequence[Stage]) -> Iterator[Markup]:
    yield _plot(
        "right, closed set", stages, lambda s: s.classifier.accuracy, lambda s: s.index.rank_1,
        percent=True,
    )  # fmt: skip
    yield _plot(
        "work until all writers are known, seconds", stages,
        lambda s: s.classifier.train.cpu_seconds, lambda s: s.index.enrol.cpu_seconds,
    )  # fmt: skip
    yield _plot(
        "size, MB", stages,
        lambda s: s.classifier.model_bytes / 1e6, lambda s: s.index.index_bytes / 1e6,
    )  # fmt: skip
    yield _plot(
        "one question, ms", stages, lambda s: 1000 * s.classifier.ask, lambda s: 1000 * s.index.ask
    )


def _plot(
    title: str,
    stages: Sequence[Stage],
    classifier: Callable[[Stage], float],
    index: Callable[[Stage], float],
    percent: bool = False,
) -> Markup:
    lines = [
        Line("", [(stage.writer_count, of(stage)) for stage in stages], dots=True)
        for of in (classifier, index)
    ]
    values = [value for line in lines for _, value in line.points]
    low = min(0.9, min(values) // 0.1 / 10) if percent else 0.0
    high = 1.0 if percent else _round_up(max(values))
    ticks = tuple(round(low + (high - low) * n / 4, 4) for n in range(5))
    known = tuple(stage.writer_count for stage in stages)
    across = Axis("writers", 0, known[-1], (0, *known[:2], known[-1]))
    return plot(title, across, Axis("", low, high, ticks, percent=percent), lines)


def _round_up(value: float) -> float:
    """The next of 1, 2, 4, 8 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(max(value, 1e-6)))
    return next((power * n for n in (1, 2, 4, 8) if power * n >= value), power * 10)
