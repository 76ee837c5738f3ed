"""`sigsearch evaluate`: honest figures for an encoder on datasets."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sigsearch.cli.output import emit, line, say, table


def evaluate(
    data: Annotated[
        list[Path] | None, typer.Argument(help="Dataset folders, manifests or archives.")
    ] = None,
    protocol: Annotated[
        str, typer.Option(help="Shipped protocol or JSON file: who is validation, who is test.")
    ] = "unseen-writers-1",
    references: Annotated[
        str, typer.Option(help="How many references to enrol, each in turn.")
    ] = "1,3,5,8",
    encoder: Annotated[
        str, typer.Option(help="sigsearch, an encoder's folder, a peer, or module:factory.")
    ] = "sigsearch",
    peers: Annotated[
        str, typer.Option(help="Measured beside it: sigsearch-global,ssim,hog,orb,sift, ...")
    ] = "",
    layout: Annotated[str, typer.Option(help="The layout of all DATA.")] = "auto",
    draws: Annotated[int, typer.Option(min=1, help="Draws of references.")] = 10,
    seed: Annotated[int, typer.Option(min=0)] = 0,
    out: Annotated[Path | None, typer.Option("-o", "--out", help="Write the report here.")] = None,
    card: Annotated[
        bool, typer.Option("--card", help="Write the figures into the encoder's model card.")
    ] = False,
    stated_rates: Annotated[
        bool,
        typer.Option(
            "--stated-rates",
            help="Measure what the product states: FMR, FPIR in galleries, copy alarm, audit.",
        ),
    ] = False,
    fmr: Annotated[float, typer.Option(help="With --stated-rates: the stated FMR.")] = 0.01,
    fpir: Annotated[float, typer.Option(help="With --stated-rates: the stated FPIR.")] = 0.01,
    invented: Annotated[
        str,
        typer.Option(
            help="With --stated-rates: sizes of galleries of invented writers too, such as 50,500."
        ),
    ] = "",
    cache: Annotated[Path | None, typer.Option(help="Keep features here between runs.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """Measure an encoder: verification, identification, evidence, beside trivial baselines.

    Examples:

        sigsearch evaluate CEDAR BHSIG260 -o report/

        sigsearch evaluate MY_SCANS --references 1,3 --peers hog,orb

        sigsearch evaluate CEDAR --protocol without-cedar --encoder my_module:MyEncoder

        sigsearch evaluate MY_SCANS --stated-rates --fmr 0.01 --invented 50,500
    """
    if not data and not (stated_rates and invented):
        raise typer.BadParameter("give DATA: folders of signatures, manifests or archives")
    if stated_rates:
        if peers or card:
            raise typer.BadParameter("--stated-rates measures one encoder: no --peers, no --card")
        from sigsearch.cli.evaluate_stated import StatedOrder, run_stated

        stated = (fmr, fpir, references, invented)
        run_stated(
            StatedOrder(data or [], layout, protocol, encoder, draws, seed, out, cache, *stated),
            as_json,
        )
        return
    from sigsearch.cli.evaluate_run import EvaluationOrder, run_order
    from sigsearch.evaluation.summary_tables import terminal_tables
    from sigsearch.evaluation.written import document

    order = EvaluationOrder(
        data or [], layout, protocol, references, encoder, peers, draws, seed, out, card, cache
    )
    finished = run_order(order)
    if as_json:
        emit(document(finished.figures, finished.about, finished.run))
        return
    for shown in terminal_tables(finished.figures):
        table(shown.heads, shown.rows, shown.title)
        line(shown.note)
        line()
    for note in finished.run.notes:
        say(f"note: {note}")
