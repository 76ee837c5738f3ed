"""`sigsearch classify`: the other approach, which always names one of the writers it knows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sigsearch.cli.options import JsonOption

if TYPE_CHECKING:
    from sigsearch.classifier import Classification, Classifier, WriterCheck


def classify(
    images: Annotated[
        list[str], typer.Argument(help="Signatures; - reads stdin. With --writer: datasets.")
    ],
    model: Annotated[
        Path, typer.Option("--model", "-m", help="A folder that `train classifier` made.")
    ],
    k: Annotated[int, typer.Option("--k", "-k", min=1, help="Writers to show.")] = 5,
    writer: Annotated[
        str | None, typer.Option("--writer", "-w", help="Check all images of this writer.")
    ] = None,
    sheet: Annotated[
        Path | None, typer.Option("--sheet", "-o", help="Draw the writer's images here (.png).")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Name the likeliest of the writers that MODEL was trained on; a stranger gets a name too.

    With --writer, look up all genuine images of that writer in a dataset and count how many are
    named rightly, those that the network was trained on told apart.

    \b
      sigsearch classify scan.png --model model/
      sigsearch classify --writer 58 DATA --model model/ -o writer-58.png
    """
    from sigsearch.classifier import Classifier
    from sigsearch.cli.files import PICTURE, must_be_writable

    if sheet is not None:
        must_be_writable(sheet, PICTURE)
    opened = Classifier.load(model)
    if writer is not None:
        _check(opened, writer, images, sheet, json)
    elif sheet is not None:
        raise typer.BadParameter("--sheet goes with --writer")
    else:
        _classify(opened, images, k, json)


def _classify(opened: Classifier, images: list[str], k: int, json: bool) -> None:
    from sigsearch.cli.output import FAILED, emit, progress, say
    from sigsearch.errors import ImageError

    failed = False
    for image in progress(images, "classifying", len(images)):
        try:
            answer = opened.classify(image, k)
        except ImageError as fault:
            failed = True
            say(f"error: {fault}")
            if json:
                error = {"code": fault.code, "message": str(fault)}
                emit({"questioned": image, "error": error}, indent=None)
            continue
        if json:
            emit(answer.to_dict(), indent=1 if len(images) == 1 else None)
        else:
            _show(answer)
    if failed:
        raise typer.Exit(FAILED)


def _show(answer: Classification) -> None:
    from sigsearch.cli.output import line, say, table

    line(f"{answer.questioned}: {answer.candidates[0]}")
    rows = [
        (rank, likely.writer, f"{likely.probability:.2%}")
        for rank, likely in enumerate(answer.candidates, start=1)
    ]
    table(("rank", "writer", "probability"), rows, f"of {answer.writers} writers known")
    for warning in answer.warnings:
        say(f"warning: {answer.questioned}: {warning}")


def _check(
    opened: Classifier, writer: str, data: list[str], sheet: Path | None, json: bool
) -> None:
    from sigsearch.classifier.sheet import draw_sheet
    from sigsearch.classifier.split import read_together
    from sigsearch.classifier.writer_check import check_writer
    from sigsearch.cli.output import emit, line, progress

    dataset = read_together(Path(place) for place in data)
    check = check_writer(opened, dataset, writer, lambda s: progress(s, "classifying", len(s)))
    if sheet is not None and check.checked:
        draw_sheet(check, sheet)
    if json:
        emit(check.to_dict())
        return
    _tell(check)
    if sheet is not None:
        line(f"contact sheet: {sheet}")


def _tell(check: WriterCheck) -> None:
    from sigsearch.cli.output import line, say, table

    line(
        f"writer {check.writer}: {check.found()} images found, {check.right()} right, "
        f"accuracy {check.accuracy:.2%}"
    )
    for role, name in (("train", "trained on"), ("validation", "validated with"),
                       ("unseen", "never seen")):  # fmt: skip
        if check.found(role):
            line(f"  {name}: {check.found(role)} found, {check.right(role)} right")
    if check.wrong:
        rows = [(one.image, str(one.named), one.role) for one in check.wrong]
        table(("wrong", "named", "role in training"), rows)
    for reason in check.refused:
        say(f"refused: {reason}")
