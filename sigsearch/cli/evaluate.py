"""`sigsearch evaluate`: honest figures for an encoder on datasets."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sigsearch.cli.options import JsonOption, LayoutOption, command_line
from sigsearch.cli.output import line, say, sink, table

if TYPE_CHECKING:
    from sigsearch.evaluation.figures import Figures


def evaluate(
    context: typer.Context,
    data: Annotated[
        list[Path] | None, typer.Argument(help="Dataset folders, manifests or archives.")
    ] = None,
    protocol: Annotated[
        str,
        typer.Option(
            help="Which writers validate and which test: the name of a protocol, or a JSON file."
        ),
    ] = "unseen-writers-1",
    references: Annotated[
        str, typer.Option(help="Numbers of references to enrol, measured one after another.")
    ] = "1,3,5,8",
    encoder: Annotated[
        str, typer.Option(help="sigsearch, the folder of an encoder, a peer, or module:factory.")
    ] = "sigsearch",
    peers: Annotated[
        str,
        typer.Option(
            help="Others to measure on the same comparisons, separated by commas: "
            "sigsearch-global, ssim, hog, orb, sift."
        ),
    ] = "",
    layout: LayoutOption = "auto",
    draws: Annotated[int, typer.Option(min=1, help="How often references are drawn.")] = 10,
    seed: Annotated[int, typer.Option(min=0, help="The same seed draws the same references.")] = 0,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="Write the report to this folder.")
    ] = None,
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
    verdicts: Annotated[
        int,
        typer.Option(
            min=0,
            help="Measure verdicts instead: ask about this many signatures of each kind in each "
            "set, and count how many are accepted, sent to review and rejected.",
        ),
    ] = 0,
    fmr: Annotated[float, typer.Option(help="With --stated-rates: the stated FMR.")] = 0.01,
    fpir: Annotated[float, typer.Option(help="With --stated-rates: the stated FPIR.")] = 0.01,
    invented: Annotated[
        str,
        typer.Option(
            help="With --stated-rates: also measure galleries of invented writers of these sizes, "
            "for example 50,500."
        ),
    ] = "",
    cache: Annotated[
        Path | None, typer.Option(help="Keep features in this folder between runs.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Measure the error rates of an encoder on DATA, next to trivial baselines.

    \b
      sigsearch evaluate CEDAR BHSIG260 -o report/
      sigsearch evaluate MY_SCANS --references 1,3 --peers hog,orb
      sigsearch evaluate CEDAR --protocol without-cedar --encoder my_module:MyEncoder
      sigsearch evaluate MY_SCANS --stated-rates --fmr 0.01 --invented 50,500
      sigsearch evaluate MY_SCANS --verdicts 60
    """
    from sigsearch.cli.evaluate_run import EvaluationOrder, run_order
    from sigsearch.evaluation.written import document

    if not data and not (stated_rates and invented):
        raise typer.BadParameter("give DATA: folders of signatures, manifests or archives")
    if stated_rates:
        if peers or card:
            raise typer.BadParameter("--stated-rates measures one encoder: no --peers, no --card")
        from sigsearch.cli.evaluate_stated import StatedOrder, run_stated

        stated = (fmr, fpir, references, invented)
        run_stated(
            StatedOrder(data or [], layout, protocol, encoder, draws, seed, out, cache, *stated),
            command_line(context),
        )
        return
    if verdicts:
        from sigsearch.cli.evaluate_verdicts import VerdictsOrder, run_verdicts

        run_verdicts(
            VerdictsOrder(
                data or [], layout, protocol, encoder, references, verdicts, seed, out, card, cache
            )
        )
        return
    order = EvaluationOrder(
        data or [], layout, protocol, references, encoder, peers, draws, seed, out, card, cache
    )
    finished = run_order(order, command_line(context))
    sink.answer(
        document(finished.figures, finished.about, finished.run),
        lambda: show_figures(finished.figures),
    )
    for note in finished.run.notes:
        say(f"note: {note}")


def show_figures(figures: Figures) -> None:
    """Tables for people."""
    from sigsearch.evaluation.summary_tables import terminal_tables

    for shown in terminal_tables(figures):
        table(shown.heads, shown.rows, shown.title)
        line(shown.note)
        line()
