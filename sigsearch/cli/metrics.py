"""`sigsearch metrics`: figures from anyone's scores."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sigsearch.cli.output import emit, line, table


def metrics(
    scores: Annotated[
        Path, typer.Argument(help="CSV (.gz) or Parquet with the columns kind and score.")
    ],
    searches: Annotated[
        Path | None, typer.Option(help="searches.csv.gz of an evaluation, for 1:N figures.")
    ] = None,
    out: Annotated[Path | None, typer.Option("-o", "--out", help="Write the report here.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """Derive error rates, intervals and curves from raw scores, higher = closer.

    `kind` is genuine, skilled or random. Further columns are used when there: writer (intervals,
    per-writer figures), dataset, references, role (validation rows fix thresholds), questioned,
    draw, hand, group, script, and score[NAME] for further scorers.

    Examples:

        sigsearch metrics report/scores.csv.gz --searches report/searches.csv.gz

        sigsearch metrics my_scores.csv --json
    """
    import shlex
    import sys

    from sigsearch.evaluation.combining import combine_trivial
    from sigsearch.evaluation.figures import derive
    from sigsearch.evaluation.provenance import versions
    from sigsearch.evaluation.score_files import read_scores, read_searches
    from sigsearch.evaluation.summary_tables import terminal_tables
    from sigsearch.evaluation.written import document
    from sigsearch.report.evaluation import write_report

    figures = derive(
        combine_trivial(read_scores(scores)), read_searches(searches) if searches else None
    )
    about = {"command": shlex.join(["sigsearch", *sys.argv[1:]]), "versions": versions()}
    if out is not None:
        write_report(figures, about, out)
    if as_json:
        emit(document(figures, about))
        return
    for shown in terminal_tables(figures):
        table(shown.heads, shown.rows, shown.title)
        line(shown.note)
        line()
