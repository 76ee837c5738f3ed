"""`sigsearch train ...`: networks of one's own. Needs the extra `train` (torch)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    help="Train an encoder of one's own (needs: pip install 'sigsearch[train]').",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command()
def siamese(
    data: Annotated[list[Path], typer.Argument(help="Dataset folders.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Checkpoints, log and encoder.")],
    protocol: Annotated[
        str, typer.Option(help="Who trains and who validates: a name or a JSON file.")
    ] = "unseen-writers-1",
    loss: Annotated[
        str, typer.Option(help="supcon, triplet, contrastive or multisimilarity.")
    ] = "supcon",
    steps: Annotated[int, typer.Option(min=1, help="Batches of 12 writers.")] = 3000,
    synthetic: Annotated[int, typer.Option(min=0, help="Invented writers to add.")] = 1000,
    seed: Annotated[int, typer.Option(help="The same seed draws the same batches.")] = 1,
) -> None:
    """Train the Siamese encoder on DATA; the same command goes on where it was stopped.

    The best checkpoint by validation writers is exported to OUT/encoder, which `--encoder` takes.

    \b
      sigsearch train siamese DATA/cedar DATA/bhsig260 -o runs/mine --steps 3000
    """
    from sigsearch.cli.output import line, say
    from sigsearch.errors import SigsearchError

    try:
        from sigsearch.training.run import train_siamese
    except ModuleNotFoundError as missing:
        raise SigsearchError(
            f"training needs {missing.name}: pip install 'sigsearch[train]'"
        ) from None
    card = train_siamese(data, out, protocol, loss, steps, synthetic, seed, report=say)
    line(f"{card.id} -> {out / 'encoder'}")
