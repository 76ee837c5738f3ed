"""`sigsearch synth`: signatures of people who do not exist, as files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sigsearch.cli.output import emit, line, progress


def synth(
    out: Annotated[Path, typer.Argument(help="A new or empty folder.")],
    writers: Annotated[int, typer.Option(min=1, help="Writers to invent.")] = 50,
    genuine: Annotated[int, typer.Option(min=1, help="Genuine specimens of each.")] = 12,
    forgeries: Annotated[int, typer.Option(min=0, help="Skilled forgeries of each.")] = 6,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same bytes.")] = 1,
    style: Annotated[str, typer.Option(help="clean, scan, cheque or fax.")] = "clean",
    layout: Annotated[str, typer.Option(help="folders, cedar or csv.")] = "folders",
    script: Annotated[
        str | None,
        typer.Option(help="latin, scribble, devanagari, bengali, cjk or arabic; default: a mix."),
    ] = None,
    dpi: Annotated[int, typer.Option(min=72, max=1200, help="Pixels to the inch.")] = 300,
    workers: Annotated[int, typer.Option(min=0, help="Processes; 0 = one a core.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """Invent writers and write their signatures, genuine and forged, to OUT.

    The forgeries come at three levels in turn: only the name known, a specimen seen, and traced.

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
        watch=lambda finished: progress(finished, "inventing writers", total=writers),
    )
    if as_json:
        emit(written.to_dict())
    else:
        line(
            f"{written.folder}: {written.writers} writers, {written.genuine} genuine specimens, "
            f"{written.forgeries} forgeries ({written.layout} layout, {style})"
        )
