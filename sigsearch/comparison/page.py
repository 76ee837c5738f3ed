"""The comparison as one self-contained page with plots."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from html import escape

from sigsearch.comparison.conclusion import conclusion
from sigsearch.comparison.outcome import Comparison, Stage
from sigsearch.comparison.table import HEADS, sections
from sigsearch.evaluation.report.svg import COLOURS, Axis, Line, plot
from sigsearch.report.page import heading, page, paragraph, table

_NAMES = ("classifier", "index")
_STYLE = (
    "<style>.plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(360px,1fr));gap:16px}"
    ".plots svg{width:100%;height:auto;font:11px system-ui,sans-serif}"
    ".plots .title{font-size:13px;font-weight:600}.plots .grid{stroke:#d9dee4}"
    # The same widths in all tables, so that the eye can go down a column.
    "td:first-child,th:first-child{width:40%}td,th{width:30%}"
    "h3{font-size:.95rem;margin:1.2rem 0 .1rem}</style>"
)


def render(found: Comparison) -> str:
    """HTML: nothing is fetched, no script."""
    data = found.data
    body = [
        _STYLE,
        "<h1>Two approaches to the same writers</h1>",
        paragraph(
            f"{data['data']}: {data['writers']} writers, {data['train']} images to learn from, "
            f"{data['validation']} to stop the training by, {data['test']} asked about; "
            f"{data['copies_dropped']} pixel-identical copies dropped first."
        ),
        paragraph(
            f"The index uses the encoder {found.encoder}, trained on "
            + ("; ".join(found.encoder_trained_on) or "data that its card does not name")
            + ". It was trained before, once; where it saw the same writers, its figures here are "
            "flattered. Strangers and pairs are of the later half of the writers."
        ),
        heading("What came out"),
        "<ul>"
        + "".join(f"<li>{escape(_kept_together(said))}</li>" for said in conclusion(found))
        + "</ul>",
        heading("The figures"),
        *(
            f"<h3>{escape(asked)}</h3>"
            + table(HEADS, [[_kept_together(cell) for cell in row] for row in measured])
            for asked, measured in sections(found).items()
        ),
        paragraph(
            "Work is processor time summed over cores: it does not depend on what else the machine "
            "did. Training is counted from images that are read already, enrolment with reading "
            "and encoding them, and with what an index that grew by half measures of itself. "
            f"Measured on {found.machine}.",
            "quiet",
        ),
        heading("Growing with the number of writers"),
        _key(),
        f'<div class="plots">{"".join(_plots(found.stages))}</div>',
    ]
    return page("Two approaches to the same writers", body)


def _key() -> str:
    """One for all plots, where no curve can run into it."""
    named = zip(_NAMES, COLOURS, strict=False)
    parts = (f'<span class="key" style="background:{c}"></span>{escape(n)}' for n, c in named)
    return f"<p>{''.join(parts)}</p>"


def _plots(stages: Sequence[Stage]) -> Iterator[str]:
    yield _plot(
        "right, closed set", stages, lambda s: s.classifier.accuracy, lambda s: s.index.rank_1,
        percent=True,
    )  # fmt: skip
    yield _plot(
        "work until all are known, seconds", stages,
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
) -> str:
    lines = [
        Line("", [(stage.writers, of(stage)) for stage in stages], dots=True)
        for of in (classifier, index)
    ]
    values = [value for line in lines for _, value in line.points]
    low = min(0.9, min(values) // 0.1 / 10) if percent else 0.0
    high = 1.0 if percent else _round_up(max(values))
    ticks = tuple(round(low + (high - low) * n / 4, 4) for n in range(5))
    known = tuple(stage.writers for stage in stages)
    across = Axis("writers", 0, known[-1], (0, *known[:2], known[-1]))
    return plot(title, across, Axis("", low, high, ticks, percent=percent), lines)


def _round_up(value: float) -> float:
    """The next of 1, 2, 4, 8 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(max(value, 1e-6)))
    return next((power * n for n in (1, 2, 4, 8) if power * n >= value), power * 10)


def _kept_together(text: str) -> str:
    """A number stays on one line with its unit."""
    return re.sub(r"(?<=\d) (?=(%|s|ms|MB|kB)(\W|$))", "\u00a0", text)
