"""`sigsearch synth`: signatures of people who do not exist, as files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sigsearch.cli.options import JsonOption
from sigsearch.cli.output import counted, line, progress, sink
from sigsearch.schema import Script, Style, WrittenLayout


def synth(
    out: Annotated[Path, typer.Argument(help="A new or empty folder.")],
    writers: Annotated[int, typer.Option(min=1, help="How many writers.")] = 50,
    genuine: Annotated[int, typer.Option(min=1, help="Genuine signatures of each writer.")] = 12,
    forgeries: Annotated[int, typer.Option(min=0, help="Skilled forgeries of each writer.")] = 6,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same bytes.")] = 1,
    style: Annotated[Style, typer.Option(help="What the images look like.")] = "clean",
    layout: Annotated[WrittenLayout, typer.Option(help="How the files are laid out.")] = "folders",
    script: Annotated[
        Script | None, typer.Option(help="The script they write in. Default: a mix.")
    ] = None,
    dpi: Annotated[int, typer.Option(min=72, max=1200, help="Pixels per inch.")] = 300,
    workers: Annotated[int, typer.Option(min=0, help="How many processes; 0: one per core.")] = 0,
    json: JsonOption = False,
) -> None:
    """Draw signatures of invented writers, genuine and forged, into the folder OUT.

    Forgeries come at three levels in turn: the forger knows only the name, has seen a specimen, or
    traces one.

    \b
      sigsearch synth demo/ --writers 20
      sigsearch synth bench/ --writers 10000 --genuine 1 --forgeries 0 --style scan
      sigsearch synth cheques/ --script latin --style cheque --layout csv
    """
    import os

    from sigsearch.synthesis.export import write_dataset
    from sigsearch.synthesis.order import Order

    order = Order(writers, genuine, forgeries, seed, style, layout, script, dpi)
    written = write_dataset(
        out,
        order,
        workers=workers or os.cpu_count() or 1,
        watch=lambda finished: progress(finished, "drawing", total=writers),
    )
    counts = (
        f"{counted(written.writer_count, 'writer')}, "
        f"{counted(written.genuine, 'genuine signature')}, "
        f"{counted(written.forgeries, 'forgery', 'forgeries')}"
    )
    sink.answer(
        written, lambda: line(f"{written.folder}: {counts} ({written.layout} layout, {style})")
    )
