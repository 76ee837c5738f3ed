"""`sigsearch train ...`: networks of one's own. Needs the extra `train` (torch)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sigsearch.cli.options import JsonOption

HELP = """Train an encoder or a classifier of one's own.

Needs pip install 'sigsearch[train]'. Whoever wants other thresholds only, fitted
to their own scans, needs no training: sigsearch calibrate.

\b
  sigsearch train siamese DATA/cedar DATA/bhsig260 -o runs/mine
  sigsearch train classifier DATA/bhsig260/Bengali -o model/
"""

app = typer.Typer(
    help=HELP,
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
    patience: Annotated[
        int, typer.Option(min=0, help="Stop after so many validations without a better one; 0: no.")
    ] = 0,
    json: JsonOption = False,
) -> None:
    """Train the Siamese encoder on DATA; the same command goes on where it was stopped.

    The best checkpoint by validation writers is exported to OUT/encoder, which `--encoder` takes,
    and calibrated on the same writers if they are five or more (else: `sigsearch calibrate`).
    OUT/curves.png shows the losses and the validation figures. OUT keeps the images as they were
    read first: other DATA takes another OUT. A set that no shipped protocol names takes a JSON
    file: {"name": "mine", "datasets": {"SET": {"train": ["anna", ...], "validation": [...]}}}.

    \b
      sigsearch train siamese DATA/cedar DATA/bhsig260 -o runs/mine --steps 3000
    """
    from sigsearch.cli.extras import require
    from sigsearch.cli.output import emit, line, progress, say

    require("train")
    from sigsearch.training.encoder.pipeline import train_siamese

    card = train_siamese(
        data, out, protocol, loss, steps, synthetic, seed, say, patience,
        lambda numbers: progress(numbers, "steps", len(numbers)),
    )  # fmt: skip
    _calibrate(data, out / "encoder", protocol)
    if json:
        emit(card.to_dict())
        return
    line(f"{card.id} -> {out / 'encoder'}")


@app.command()
def classifier(
    data: Annotated[list[Path], typer.Argument(help="Dataset folders.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The model, its curves, checkpoints.")],
    train: Annotated[int, typer.Option(min=1, help="Images a writer to train on.")] = 12,
    validation: Annotated[int, typer.Option(min=1, help="Images a writer to stop by.")] = 4,
    test: Annotated[int, typer.Option(min=1, help="Images a writer to report on.")] = 8,
    epochs: Annotated[int, typer.Option(min=1, help="Passes over the images, at most.")] = 40,
    patience: Annotated[
        int, typer.Option(min=1, help="Stop after so many epochs without a better validation loss.")
    ] = 10,
    seed: Annotated[int, typer.Option(help="The same seed splits and trains alike.")] = 1,
    json: JsonOption = False,
) -> None:
    """Train a classifier that names one of DATA's writers; the same command goes on if stopped.

    Pixel-identical copies are dropped before the split. Writers with fewer images than the three
    numbers ask for are split in the same proportion.

    \b
      sigsearch train classifier DATA/bhsig260/Bengali -o model/
    """
    from sigsearch.classifier.split import read_split
    from sigsearch.cli.extras import require
    from sigsearch.cli.output import emit, line, progress, say

    require("train")
    from sigsearch.training.classifier.pipeline import train_classifier
    from sigsearch.training.classifier.trainer import ClassifierPlan

    split = read_split(data, train, validation, test, seed)
    say(str(split))
    plan = ClassifierPlan(epochs=epochs, patience=patience, seed=seed)
    card = train_classifier(
        split, out, plan, lambda numbers: progress(numbers, "epochs", len(numbers)), say
    )
    if json:
        emit(card.to_dict())
        return
    on_test = card.training["test"]
    line(
        f"{card.id} -> {out}: {on_test['right']} of {on_test['images']} test images right "
        f"({on_test['accuracy']:.2%})"
    )


def _calibrate(data: list[Path], encoder: Path, protocol: str) -> None:
    """Too few validation writers are no reason to lose what was trained."""
    from sigsearch.calibration import calibrate_encoder
    from sigsearch.cli.output import say
    from sigsearch.datasets import Protocol
    from sigsearch.encoder import Encoder
    from sigsearch.errors import CalibrationError

    try:
        found = calibrate_encoder(Encoder.load(encoder), data, Protocol.load(protocol))
        say(f"calibrated on {found.population}")
    except CalibrationError as fault:
        say(f"not calibrated: {fault}; `sigsearch calibrate DATA --encoder {encoder}` does it")
