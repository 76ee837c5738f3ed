"""`sigsearch serve copy`: what a service keeps, brought along when its index moves."""

from __future__ import annotations

from typing import Annotated

import typer

from sigsearch.cli.options import JsonOption
from sigsearch.cli.output import line, sink
from sigsearch.cli.service.serve import state_of


def copy(
    source: Annotated[str, typer.Argument(metavar="FROM", help="The index: folder or address.")],
    target: Annotated[str, typer.Argument(metavar="TO", help="The index it was copied to.")],
    json: JsonOption = False,
) -> None:
    """Bring keys, evidence and cases along when an index moves.

    Stop the service of FROM first. What it keeps is copied to where a service of TO keeps it.
    `sigsearch index copy` copies the index itself, and those of the tenants.

    \b
      sigsearch serve copy indexes/mine 'postgresql://db.example/signatures?index=mine'
    """
    with state_of(source, None) as old, state_of(target, None) as new:
        done = old.copy_to(new)
    told = ", ".join(f"{count} {name}" for name, count in done.to_dict().items())
    sink.answer(done, lambda: line(f"copied {told}"))
