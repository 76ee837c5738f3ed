"""An evaluation on disk: raw scores and figures."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sigsearch.evaluation.figures import Figures
from sigsearch.evaluation.score_files import write_drawn, write_scores, write_searches
from sigsearch.evaluation.session import Run

SCORES, SEARCHES, DRAWN = "scores.csv.gz", "searches.csv.gz", "references.csv.gz"
FIGURES = "figures.json"


def document(figures: Figures, about: Mapping[str, Any], run: Run | None = None) -> dict[str, Any]:
    """Figures and where they come from, for JSON."""
    told: dict[str, Any] = {"about": dict(about)}
    if run is not None:
        told["datasets"] = [
            {"role": role, **dataset.summary().to_dict()} for role, dataset in run.used
        ]
        told["missing"] = list(run.notes)
    return {**told, **figures.to_dict()}


def write_raw(run: Run, folder: Path) -> None:
    """Scores, searches and drawn references: what every figure is derived from."""
    folder.mkdir(parents=True, exist_ok=True)
    write_scores(run.scores, folder / SCORES)
    if run.searches is not None:
        write_searches(run.searches, folder / SEARCHES)
    write_drawn(run.drawn, folder / DRAWN)


def write_figures(
    figures: Figures, about: Mapping[str, Any], folder: Path, run: Run | None = None
) -> None:
    """`figures.json` in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(document(figures, about, run), indent=1, ensure_ascii=False, allow_nan=False)
    (folder / FIGURES).write_text(text + "\n", encoding="utf-8")
