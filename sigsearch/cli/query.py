"""`sigsearch query`: who signed this?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from sigsearch.cli.keys import KeyOption, key_from
from sigsearch.cli.options import (
    DEFAULT_INDEX,
    AuditOption,
    EncoderOption,
    IndexOption,
    JsonOption,
    key_values,
)

if TYPE_CHECKING:
    from sigsearch.engine.results import Identification

_MANY = 0.25  # of the signatures by enrolled writers: as many unknown are worth a word


def query(
    images: Annotated[list[str], typer.Argument(help="Questioned signatures; - reads stdin.")],
    index: IndexOption = DEFAULT_INDEX,
    k: Annotated[int, typer.Option("--k", "-k", min=1, help="Writers to show.")] = 5,
    fpir: Annotated[
        float,
        typer.Option(
            help="Share of signatures by writers who are not enrolled that may be given a name, "
            "whatever the size of the gallery (0.01 = 1 %)."
        ),
    ] = 0.01,
    candidates: Annotated[
        int, typer.Option(min=1, help="Writers that the search hands to the close comparison.")
    ] = 50,
    where: Annotated[
        list[str] | None,
        typer.Option("--where", help="KEY=VALUE: only references with this metadata."),
    ] = None,
    key_file: KeyOption = None,
    encoder: EncoderOption = None,
    audit: AuditOption = False,
    json: JsonOption = False,
) -> None:
    """Ask who signed IMAGES: one row a writer, best first; "unknown" is an answer.

    With several images and --json, one JSON object a line. Exit code 0 when every image was
    identified, 1 when one is unknown, 2 when one could not be read.

    \b
      sigsearch query cheque.png --k 5
      sigsearch query scans/*.png --json > answers.jsonl
    """
    from sigsearch.cli.output import ACCEPTED, FAILED, NOT_ACCEPTED, emit, progress, say
    from sigsearch.encoder import Encoder
    from sigsearch.engine.signature_index import SignatureIndex
    from sigsearch.errors import SigsearchError

    worst = ACCEPTED
    key = key_from(key_file)
    model = Encoder.load(encoder)
    with SignatureIndex.open(index, model, read_only=True, key=key, audit=audit) as opened:
        answers = opened.identify_many(images, k, fpir, candidates, key_values(where))
        for image, answer in zip(images, progress(answers, "asking", len(images)), strict=True):
            if isinstance(answer, SigsearchError):
                worst = FAILED
                say(f"error: {answer}")
                if json:
                    emit({"questioned": image, "error": _error(answer)}, indent=None)
                continue
            worst = max(worst, ACCEPTED if answer.accepted else NOT_ACCEPTED)
            if json:
                emit(answer.to_dict(), indent=1 if len(images) == 1 else None)
            else:
                _show(answer)
    raise typer.Exit(worst)


def _show(answer: Identification) -> None:
    from sigsearch.cli.output import line, say, table

    line(f"{answer.questioned}: {answer.decision}" + (f", {answer.writer}" * answer.accepted))
    rows = [
        (c.rank, c.writer, c.score, c.threshold, f"{c.llr:+.1f}", c.references, c.verification)
        for c in answer.candidates
    ]
    columns = ("rank", "writer", "score", "threshold", "log10 LR", "references", "verification")
    table(columns, rows)
    if answer.fnir is not None and answer.fnir > _MANY:
        say(
            f"note: for FPIR {answer.fpir:.2%} the threshold leaves about {answer.fnir:.0%} of the "
            "enrolled writers' signatures unknown; a larger --fpir names more"
        )
    for reason in answer.reasons:
        capped = ", so no firm decision is given" * (reason.code in answer.capped_by)
        say(f"warning: {answer.questioned}: {reason.code}: {reason.text}{capped}")


def _error(fault: Exception) -> dict[str, str]:
    return {"code": getattr(fault, "code", "error"), "message": str(fault)}
