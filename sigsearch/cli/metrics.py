"""`sigsearch metrics`: figures from anyone's scores."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sigsearch.cli.evaluate import show_figures
from sigsearch.cli.options import JsonOption, command_line
from sigsearch.cli.output import sink


def metrics(
    context: typer.Context,
    scores: Annotated[
        Path, typer.Argument(help="CSV (.gz) or Parquet with the columns kind and score.")
    ],
    searches: Annotated[
        Path | None,
        typer.Option(help="searches.csv.gz of an evaluation, for identification figures."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="Write the report to this folder.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Compute error rates, intervals and curves from scores. A higher score means closer.

    `kind` is genuine, skilled or random. Optional columns: writer (for intervals and figures per
    writer), dataset, references, role (rows with `validation` fix the thresholds), questioned,
    draw, hand, group, script, and score[NAME] for other scorers.

    \b
      sigsearch metrics report/scores.csv.gz --searches report/searches.csv.gz
      sigsearch metrics my_scores.csv --json
    """
    from sigsearch.evaluation.combining import combine_trivial
    from sigsearch.evaluation.figures import derive
    from sigsearch.evaluation.provenance import versions
    from sigsearch.evaluation.score_files import read_scores, read_searches
    from sigsearch.evaluation.written import document
    from sigsearch.report.evaluation import write_report

    figures = derive(
        combine_trivial(read_scores(scores)), read_searches(searches) if searches else None
    )
    about = {"command": command_line(context), "versions": versions()}
    if out is not None:
        write_report(figures, about, out)
    sink.answer(document(figures, about), lambda: show_figures(figures))
