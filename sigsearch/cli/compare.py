"""`sigsearch compare`: the classifier and the index, side by side on your own data."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sigsearch.cli.options import EncoderOption, JsonOption
from sigsearch.cli.output import counted, line, say, sink, table

if TYPE_CHECKING:
    from sigsearch.comparison.outcome import Comparison


def compare(
    data: Annotated[list[Path], typer.Argument(help="Dataset folders.")],
    out: Annotated[
        Path,
        typer.Option("--out", "-o", help="The folder for the page, the figures and the models."),
    ] = Path("report/approaches"),
    train: Annotated[int, typer.Option(min=1, help="Training images per writer.")] = 12,
    validation: Annotated[int, typer.Option(min=1, help="Validation images per writer.")] = 4,
    test: Annotated[int, typer.Option(min=1, help="Test images per writer.")] = 8,
    epochs: Annotated[
        int, typer.Option(min=1, help="Maximum number of epochs of each classifier.")
    ] = 40,
    fpir: Annotated[
        float, typer.Option(help="Share of strangers who may be given a name by the index.")
    ] = 0.01,
    questions: Annotated[
        int,
        typer.Option(
            min=1, help="How many questions each stage is asked; the last one is asked all."
        ),
    ] = 300,
    seed: Annotated[int, typer.Option(help="The same seed gives the same split and training.")] = 1,
    encoder: EncoderOption = None,
    json: JsonOption = False,
) -> None:
    """Compare a classifier with an index on the same writers.

    Measures accuracy on known writers, the cost of ten more writers, strangers, pairs and growth.
    Four classifiers are trained. If OUT already holds them, they are reused. Needs the extra
    `train`.

    \b
      sigsearch compare DATA -o report/approaches
    """
    from json import dumps

    from sigsearch.classifier.split import read_split
    from sigsearch.cli.extras import require
    from sigsearch.comparison.experiment import Options
    from sigsearch.comparison.experiment import compare as measure
    from sigsearch.encoder import Encoder
    from sigsearch.report.comparison import comparison_page

    require("train")
    from sigsearch.training.classifier.trainer import ClassifierPlan

    options = Options(fpir, questions)
    split = read_split(data, train, validation, test, seed)
    say(str(split))
    plan = ClassifierPlan(epochs=epochs, seed=seed)
    found = measure(split, out / "work", plan, Encoder.load(encoder), options, say)
    (out / "comparison.json").write_text(dumps(found.to_dict(), indent=1), encoding="utf-8")
    (out / "index.html").write_text(comparison_page(found), encoding="utf-8")
    sink.answer(found, lambda: _show(found))
    say(f"page: {out / 'index.html'}")


def _show(found: Comparison) -> None:
    from sigsearch.comparison.conclusion import conclusion
    from sigsearch.comparison.table import HEADS, rows

    table(HEADS, rows(found), f"{found.data.data}, {counted(found.whole.writer_count, 'writer')}")
    for sentence in conclusion(found):
        line(f"- {sentence}")
