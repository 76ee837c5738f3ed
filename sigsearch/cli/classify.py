"""`sigsearch classify`: the other approach, which always names one of the writers it knows."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sigsearch.cli.options import JsonOption, Misused
from sigsearch.cli.output import FAILED, counted, line, progress, say, sink, table

if TYPE_CHECKING:
    from sigsearch.classifier import Classification, Classifier, WriterCheck

_ROLES = {
    "train": "trained on",
    "validation": "used for validation",
    "unseen": "never seen",
}


def classify(
    images: Annotated[
        list[str],
        typer.Argument(help="Signatures; - reads standard input. With --writer: datasets."),
    ],
    model: Annotated[
        Path,
        typer.Option("--model", "-m", help="A folder written by `sigsearch train classifier`."),
    ],
    k: Annotated[int, typer.Option("--k", "-k", min=1, help="How many writers to show.")] = 5,
    writer: Annotated[
        str | None, typer.Option("--writer", "-w", help="Check all images of this writer.")
    ] = None,
    sheet: Annotated[
        Path | None,
        typer.Option("--sheet", "-o", help="Draw the writer's images to this file (.png)."),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Name the most likely of the writers that MODEL was trained on. A stranger gets a name, too.

    With --writer, classify all genuine images of that writer in a dataset and count how many are
    named correctly. Images that the network was trained on are counted separately.

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
        _check(opened, writer, images, sheet)
    elif sheet is not None:
        raise Misused("--sheet needs --writer")
    else:
        _classify(opened, images, k)


def _classify(opened: Classifier, images: list[str], k: int) -> None:
    from sigsearch.errors import ImageError

    failed = False
    for image in progress(images, "classifying", len(images)):
        try:
            answer = opened.classify(image, k)
        except ImageError as fault:
            failed = True
            sink.failed(fault.code, str(fault), questioned=image)
            continue
        sink.answer(answer, partial(_show, answer), among=len(images))
    if failed:
        raise typer.Exit(FAILED)


def _show(answer: Classification) -> None:
    line(f"{answer.questioned}: {answer.candidates[0]}")
    rows = [
        (rank, likely.writer, f"{likely.probability:.2%}")
        for rank, likely in enumerate(answer.candidates, start=1)
    ]
    among = counted(answer.writer_count, "known writer")
    table(("rank", "writer", "probability"), rows, f"of {among}")
    for warning in answer.warnings:
        say(f"warning: {answer.questioned}: {warning}")


def _check(opened: Classifier, writer: str, data: list[str], sheet: Path | None) -> None:
    from sigsearch.classifier.sheet import draw_sheet
    from sigsearch.classifier.split import read_together
    from sigsearch.classifier.writer_check import check_writer

    dataset = read_together(Path(place) for place in data)
    check = check_writer(opened, dataset, writer, lambda s: progress(s, "classifying", len(s)))
    if sheet is not None and check.checked:
        draw_sheet(check, sheet)
    sink.answer(check, lambda: _show_check(check, sheet))


def _show_check(check: WriterCheck, sheet: Path | None) -> None:
    line(
        f"writer {check.writer}: {counted(check.found, 'image')} found, {check.right} correct, "
        f"accuracy {check.accuracy:.2%}"
    )
    for role, name in _ROLES.items():
        count = check.roles[role]
        if count.found:
            line(f"  {name}: {count.found} found, {count.right} correct")
    if check.wrong:
        rows = [(one.image, str(one.named), one.role) for one in check.wrong]
        table(("wrong", "classified as", "role in training"), rows)
    for reason in check.refused:
        say(f"refused: {reason}")
    if sheet is not None:
        line(f"contact sheet: {sheet}")
