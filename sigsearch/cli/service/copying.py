"""`sigsearch serve copy`: what a service keeps, brought along when its index moves."""

from __future__ import annotations

from typing import Annotated

import typer

from sigsearch.cli.options import JsonOption
from sigsearch.cli.output import line, sink
from sigsearch.cli.service.serve import state_of


def copy(
    source: Annotated[
        str, typer.Argument(metavar="FROM", help="The old index: a folder or a database address.")
    ],
    target: Annotated[str, typer.Argument(metavar="TO", help="Its copy.")],
    json: JsonOption = False,
) -> None:
    """Copy keys, evidence and cases when an index moves.

    Stop the service of FROM first. Its keys, evidence, cases and jobs are copied to the place where
    a service of TO looks for them. Copy the index itself, and that of each tenant, with
    `sigsearch index copy`.

    \b
      sigsearch serve copy indexes/mine 'postgresql://db.example/signatures?index=mine'
    """
    with state_of(source, None) as old, state_of(target, None) as new:
        done = old.copy_to(new)
    told = ", ".join(f"{count} {name}" for name, count in done.to_dict().items())
    sink.answer(done, lambda: line(f"copied {told}"))
