"""The comparison as a page, from invented figures."""

from __future__ import annotations

from html_checks import HOSTILE, check_escaped, check_page

from sigsearch.classifier.split import SplitSummary
from sigsearch.comparison.outcome import (
    Added,
    ClassifierStage,
    Comparison,
    Cost,
    IndexStage,
    Pairs,
    Stage,
    Strangers,
)
from sigsearch.report.comparison import comparison_page


def stage(writers: int) -> Stage:
    return Stage(
        ClassifierStage(
            writers, 12 * writers, 40, Cost(60.0, 4.0 * writers), 400_000 + 6000 * writers,
            8 * writers, 7 * writers, 0.002,
        ),
        IndexStage(
            writers, 12 * writers, Cost(8.0, 0.4 * writers), 90_000 * writers, 8 * writers,
            8 * writers - 1, 7 * writers, 0.012,
        ),
    )  # fmt: skip


def invented(name: str) -> Comparison:
    """`name` is whatever somebody else may choose."""
    return Comparison(
        data=SplitSummary(name, 60, 60, 60, 60, 60, {}),
        encoder=name,
        encoder_bytes=2_600_000,
        encoder_trained_on=(name, name),
        stages=tuple(map(stage, (15, 30, 50, 60))),
        added=Added(10, Cost(60.0, 240.0), Cost(2.0, 4.0), 80, 70, 79),
        strangers=Strangers(480, 1.0, 0.8, 0.9, 0.05, 0.3, 0.01, 0.04, 0.02, False, 0.1, 0.02),
        pairs=Pairs(60, 480, 3000, 300, 0.04, 0.14, 20.0),
        machine=name,
    )


def test_the_page_tells_and_draws_everything() -> None:
    text = comparison_page(invented("BHSig260"))
    check_page(text)
    assert text.count('<svg class="plot"') == 4
    for told in ("Who of the known writers signed?", "What came out", "classifier", "87.5\u00a0%"):
        assert told in text


def test_names_are_text_on_the_page() -> None:
    check_escaped(comparison_page(invented("anna")), comparison_page(invented(HOSTILE)))
