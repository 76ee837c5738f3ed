"""`sigsearch query`: who signed this?"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from sigsearch.cli.keys import KeyOption, key_from
from sigsearch.cli.options import (
    DEFAULT_INDEX,
    EncoderOption,
    IndexOption,
    JsonOption,
    LogOption,
    key_values,
)
from sigsearch.cli.output import (
    ACCEPTED,
    FAILED,
    NOT_ACCEPTED,
    line,
    progress,
    say,
    sink,
    table,
)

if TYPE_CHECKING:
    from sigsearch.engine.results import Identification

_MANY = 0.25  # of the signatures by enrolled writers: as many unknown are worth a word


def query(
    images: Annotated[
        list[str], typer.Argument(help="The questioned signatures; - reads standard input.")
    ],
    index: IndexOption = DEFAULT_INDEX,
    k: Annotated[int, typer.Option("--k", "-k", min=1, help="How many writers to show.")] = 5,
    fpir: Annotated[
        float,
        typer.Option(
            help="Share of strangers' signatures that may be given a name (0.01 = 1 %), whatever "
            "the number of enrolled writers."
        ),
    ] = 0.01,
    candidates: Annotated[
        int,
        typer.Option(min=1, help="How many writers the search passes on to the close comparison."),
    ] = 50,
    where: Annotated[
        list[str] | None,
        typer.Option(
            "--where",
            help="KEY=VALUE: search only references with this metadata. May be repeated.",
        ),
    ] = None,
    key_file: KeyOption = None,
    encoder: EncoderOption = None,
    log: LogOption = False,
    json: JsonOption = False,
) -> None:
    """Ask who signed IMAGES. "unknown" is a possible answer.

    The table lists the closest writers, best first. With several images, --json prints one object
    per line. The exit code is 0 if every image was identified, 1 if any is unknown, and 2 if any
    could not be read.

    \b
      sigsearch query cheque.png --k 5
      sigsearch query scans/*.png --json > answers.jsonl
    """
    from sigsearch.encoder import Encoder
    from sigsearch.engine.signature_index import SignatureIndex
    from sigsearch.errors import SigsearchError

    worst = ACCEPTED
    key = key_from(key_file)
    model = Encoder.load(encoder)
    with SignatureIndex.open(index, model, read_only=True, key=key, log=log) as opened:
        answers = opened.identify_many(images, k, fpir, candidates, key_values(where))
        for image, answer in zip(images, progress(answers, "searching", len(images)), strict=True):
            if isinstance(answer, SigsearchError):
                worst = FAILED
                sink.failed(answer.code, str(answer), questioned=image)
                continue
            worst = max(worst, ACCEPTED if answer.accepted else NOT_ACCEPTED)
            sink.answer(answer, partial(_show, answer), among=len(images))
    raise typer.Exit(worst)


def _show(answer: Identification) -> None:
    line(f"{answer.questioned}: {answer.decision}" + (f", {answer.writer}" * answer.accepted))
    rows = [
        (c.rank, c.writer, c.score, c.threshold, f"{c.llr:+.1f}", c.reference_count, c.verification)
        for c in answer.candidates
    ]
    columns = ("rank", "writer", "score", "threshold", "log10 LR", "references", "verification")
    table(columns, rows)
    gallery = answer.gallery
    if gallery.fnir is not None and gallery.fnir > _MANY:
        say(
            f"note: at FPIR {gallery.fpir:.2%} about {gallery.fnir:.0%} of the enrolled writers' "
            "signatures stay unknown; a larger --fpir identifies more of them"
        )
    for reason in answer.reasons:
        capped = ", so no firm decision is given" * (reason.code in answer.capped_by)
        say(f"warning: {answer.questioned}: {reason.code}: {reason.text}{capped}")
