"""An evaluation as one page."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sigsearch.datasets import Sample
from sigsearch.errors import ImageError
from sigsearch.evaluation import summary_tables as tables
from sigsearch.evaluation.figures import Figures
from sigsearch.evaluation.figures.report_card import AGAINST
from sigsearch.evaluation.session import Run
from sigsearch.evaluation.worst import WorstPair, worst_pairs
from sigsearch.evaluation.written import write_figures
from sigsearch.report import evaluation_plots as plots
from sigsearch.report.page import Picture, render
from sigsearch.report.pictures import data_uri, scan_picture

PAGE = "report.html"
_SCAN = (220, 100)  # pixels


def write_report(
    figures: Figures, about: Mapping[str, Any], folder: Path, run: Run | None = None
) -> None:
    """`figures.json` and `report.html` in `folder`."""
    write_figures(figures, about, folder, run)
    (folder / PAGE).write_text(evaluation_page(figures, about, run), encoding="utf-8")


def evaluation_page(figures: Figures, about: Mapping[str, Any], run: Run | None = None) -> str:
    """The report as HTML. `run`, where there is one, gives the pictures and the datasets."""
    return render(
        "evaluation.html",
        title=f"Evaluation of {figures.scorer}",
        about=[(name, _plain(value)) for name, value in about.items()],
        headline=tables.headline_table(figures),
        verification={against: tables.verification_table(figures, against) for against in AGAINST},
        det={against: list(plots.det_plots(figures, against)) for against in AGAINST},
        scorers=[tables.scorer_table(figures, against) for against in AGAINST],
        searching=tables.identification_table(figures.identification),
        cmc=list(plots.cmc_plots(figures)),
        evidence=tables.calibration_table(figures),
        tippett=list(plots.tippett_plots(figures)),
        reliability=list(plots.reliability_plots(figures)),
        slices=[
            tables.slice_table("By script, %", figures.by_script),
            tables.slice_table("By group, %", figures.by_group),
        ],
        worst=_worst(run) if run else {},
        datasets=_datasets(run) if run else [],
        missing=run.notes if run else (),
    )


def _plain(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {item}" for name, item in value.items())
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def _worst(run: Run) -> dict[str, list[tuple[str, Picture, Picture]]]:
    """Heading -> caption and the two pictures of each pair."""
    what = {"skilled": "most convincing forgeries", "genuine": "most doubted genuine signatures"}
    found: dict[str, list[tuple[str, Picture, Picture]]] = {}
    for pair in worst_pairs(run):
        heading = f"{pair.dataset}: {what[pair.kind]}"
        found.setdefault(heading, []).append(_shown(pair))
    return found


def _shown(pair: WorstPair) -> tuple[str, Picture, Picture]:
    caption = (
        f"{pair.questioned.id} as {pair.writer}: score {pair.score:.3g} "
        f"with {pair.reference_count} reference{'s' * (pair.reference_count != 1)}"
    )
    return caption, _scan("questioned", pair.questioned), _scan("reference", pair.reference)


def _scan(caption: str, sample: Sample) -> Picture:
    try:
        return Picture(caption, data_uri(scan_picture(sample.source, _SCAN)))
    except ImageError:  # moved away since it was compared
        return Picture(caption)


def _datasets(run: Run) -> list[tuple[str | int, ...]]:
    told = [(role, dataset.summary()) for role, dataset in run.used]
    return [
        (
            each.name, role, each.writer_count, each.genuine, each.forgeries,
            ", ".join(f"{n} {why}" for why, n in each.left_out.items()) or "nothing",
        )
        for role, each in told
    ]  # fmt: skip
