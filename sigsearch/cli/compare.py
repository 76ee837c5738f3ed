"""`sigsearch compare`: the classifier and the index, side by side on one's own data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sigsearch.cli.options import EncoderOption, JsonOption


def compare(
    data: Annotated[list[Path], typer.Argument(help="Dataset folders.")],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="The page, the figures, the models made on the way.")
    ] = Path("report/approaches"),
    train: Annotated[int, typer.Option(min=1, help="Images a writer to learn from.")] = 12,
    validation: Annotated[int, typer.Option(min=1, help="Images a writer to stop by.")] = 4,
    test: Annotated[int, typer.Option(min=1, help="Images a writer to ask about.")] = 8,
    epochs: Annotated[int, typer.Option(min=1, help="Of each classifier, at most.")] = 40,
    fpir: Annotated[
        float, typer.Option(help="Share of strangers that the index may give a name.")
    ] = 0.01,
    questions: Annotated[
        int, typer.Option(min=1, help="Asked at each stage; the last is asked everything.")
    ] = 300,
    seed: Annotated[int, typer.Option(help="The same seed splits and trains alike.")] = 1,
    encoder: EncoderOption = None,
    json: JsonOption = False,
) -> None:
    """Train a classifier and fill an index with the same writers, and measure both.

    Accuracy on a closed set, the cost of ten more writers, writers never seen, pairs, growth. Four
    classifiers are trained on the way; the same command takes those that OUT has from before, and
    fills the index anew. Needs the extra `train`.

    \b
      sigsearch compare DATA -o report/approaches
    """
    from json import dumps

    from sigsearch.classifier.split import read_split
    from sigsearch.cli.extras import require
    from sigsearch.cli.output import emit, line, say, table
    from sigsearch.comparison.conclusion import conclusion
    from sigsearch.comparison.experiment import Options
    from sigsearch.comparison.experiment import compare as measure
    from sigsearch.comparison.table import HEADS, rows
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
    if json:
        emit(found.to_dict())
        return
    table(HEADS, rows(found), f"{found.data['data']}, {found.whole.writers} writers")
    for sentence in conclusion(found):
        line(f"- {sentence}")
    say(f"page: {out / 'index.html'}")
