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
    data: Annotated[list[Path], typer.Argument(help="Dataset folders, manifests or archives.")],
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
    """
    from sigsearch.cli.evaluate_run import Order, run_order
    from sigsearch.evaluation.written import document

    order = Order(data, layout, protocol, references, encoder, peers, draws, seed, out, card, cache)
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
