"""`sigsearch train ...`: your own networks. Needs the extra `train` (torch)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sigsearch.cli.options import JsonOption
from sigsearch.cli.output import counted, line, progress, say, sink
from sigsearch.schema import Loss

HELP = """Train your own encoder or classifier.

Needs pip install 'sigsearch[train]'. To fit only the thresholds to your own
scans, use `sigsearch calibrate`. It trains nothing.

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
    out: Annotated[
        Path, typer.Option("--out", "-o", help="The folder for checkpoints, log and encoder.")
    ],
    protocol: Annotated[
        str,
        typer.Option(
            help="Which writers to train and validate on: the name of a protocol, or a JSON file."
        ),
    ] = "unseen-writers-1",
    loss: Annotated[
        Loss, typer.Option(help="The loss that brings a writer's signatures together.")
    ] = "supcon",
    steps: Annotated[
        int, typer.Option(min=1, help="How many steps: each is a batch of 12 writers.")
    ] = 3000,
    synthetic: Annotated[int, typer.Option(min=0, help="How many invented writers to add.")] = 1000,
    seed: Annotated[int, typer.Option(help="The same seed draws the same batches.")] = 1,
    patience: Annotated[
        int,
        typer.Option(min=0, help="Stop after this many validations without improvement; 0: never."),
    ] = 0,
    json: JsonOption = False,
) -> None:
    """Train the Siamese encoder on DATA. If you stop it, run the command again: it continues.

    The checkpoint that is best on validation writers is exported to OUT/encoder, for use with
    --encoder. With five or more validation writers it is also calibrated; otherwise run
    `sigsearch calibrate`. OUT/curves.png shows losses and validation figures. OUT keeps the images
    it has read, so use another OUT for other DATA. For your own dataset, write a protocol:
    {"name": "mine", "datasets": {"SET": {"train": ["anna", ...], "validation": [...]}}}.

    \b
      sigsearch train siamese DATA/cedar DATA/bhsig260 -o runs/mine --steps 3000
    """
    from sigsearch.cli.extras import require

    require("train")
    from sigsearch.training.encoder.pipeline import train_siamese

    card = train_siamese(
        data, out, protocol, loss, steps, synthetic, seed, say, patience,
        lambda numbers: progress(numbers, "steps", len(numbers)),
    )  # fmt: skip
    _calibrate(data, out / "encoder", protocol)
    sink.answer(card, lambda: line(f"{card.id} -> {out / 'encoder'}"))


@app.command()
def classifier(
    data: Annotated[list[Path], typer.Argument(help="Dataset folders.")],
    out: Annotated[
        Path,
        typer.Option("--out", "-o", help="The folder for the model, its curves and checkpoints."),
    ],
    train: Annotated[int, typer.Option(min=1, help="Training images per writer.")] = 12,
    validation: Annotated[int, typer.Option(min=1, help="Validation images per writer.")] = 4,
    test: Annotated[int, typer.Option(min=1, help="Test images per writer.")] = 8,
    epochs: Annotated[int, typer.Option(min=1, help="Maximum number of epochs.")] = 40,
    patience: Annotated[
        int,
        typer.Option(min=1, help="Stop after this many epochs without a lower validation loss."),
    ] = 10,
    seed: Annotated[int, typer.Option(help="The same seed gives the same split and training.")] = 1,
    json: JsonOption = False,
) -> None:
    """Train a classifier that names one of DATA's writers. If you stop it, run the command
    again: it continues.

    Pixel-identical copies are dropped before the split. If a writer has fewer images than you ask
    for, they are split in the same proportion.

    \b
      sigsearch train classifier DATA/bhsig260/Bengali -o model/
    """
    from sigsearch.classifier.split import read_split
    from sigsearch.cli.extras import require

    require("train")
    from sigsearch.training.classifier.pipeline import train_classifier
    from sigsearch.training.classifier.trainer import ClassifierPlan

    split = read_split(data, train, validation, test, seed)
    say(str(split))
    plan = ClassifierPlan(epochs=epochs, patience=patience, seed=seed)
    card = train_classifier(
        split, out, plan, lambda numbers: progress(numbers, "epochs", len(numbers)), say
    )
    on_test = card.training["test"]
    rights = f"{on_test['right']} of {counted(on_test['images'], 'test image')} correct"
    sink.answer(card, lambda: line(f"{card.id} -> {out}: {rights} ({on_test['accuracy']:.2%})"))


def _calibrate(data: list[Path], encoder: Path, protocol: str) -> None:
    """Too few validation writers are no reason to lose what was trained."""
    from sigsearch.calibration import calibrate_encoder
    from sigsearch.datasets import Protocol
    from sigsearch.encoder import Encoder
    from sigsearch.errors import CalibrationError

    try:
        found = calibrate_encoder(Encoder.load(encoder), data, Protocol.load(protocol))
        say(f"calibrated on {found.calibrated_on}")
    except CalibrationError as fault:
        say(f"not calibrated: {fault}; run `sigsearch calibrate DATA --encoder {encoder}`")
