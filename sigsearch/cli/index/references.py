"""`sigsearch index references`, `remove`, `move`, `replace` and `rename`: a writer's references."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from sigsearch.cli.keys import KeyOption, key_from
from sigsearch.cli.options import (
    DEFAULT_INDEX,
    ByOption,
    EncoderOption,
    IndexOption,
    JsonOption,
    LogOption,
)
from sigsearch.cli.output import counted, line, sink, table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sigsearch.engine.signature_index import SignatureIndex
    from sigsearch.index.records import Reference

_DIGITS = 12  # of a SHA-256, in tables

WriterArgument: TypeAlias = Annotated[str, typer.Argument(help="The writer's name.")]
ReferenceArgument: TypeAlias = Annotated[
    str,
    typer.Argument(
        help="Which reference: its number in `index references`, its source, or the beginning of "
        "its SHA-256."
    ),
]


def references(
    writer: WriterArgument,
    index: IndexOption = DEFAULT_INDEX,
    key_file: KeyOption = None,
    json: JsonOption = False,
) -> None:
    """List the references of WRITER, oldest first.

    \b
      sigsearch index references "Anna Schmidt"
    """
    from sigsearch.engine.held_names import HeldNames
    from sigsearch.index.opening import open_index

    with open_index(index, key=key_from(key_file), read_only=True) as opened:
        held = opened.references(HeldNames(opened).find(writer))
    rows = [
        (n, one.source, one.content_hash[:_DIGITS], one.enrolled_at[:10], ", ".join(one.warnings))
        for n, one in enumerate(held, start=1)
    ]
    heads = ("number", "source", "SHA-256", "enrolled", "warnings")
    document = [{"number": n, **one.to_dict()} for n, one in enumerate(held, start=1)]
    sink.answer(document, lambda: table(heads, rows))


def remove(
    writer: WriterArgument,
    reference: ReferenceArgument,
    index: IndexOption = DEFAULT_INDEX,
    key_file: KeyOption = None,
    encoder: EncoderOption = None,
    log: LogOption = False,
    by: ByOption = "",
    json: JsonOption = False,
) -> None:
    """Take one REFERENCE of WRITER out of the index. A writer without references is forgotten.

    `index compact` removes what is left of it in the files.

    \b
      sigsearch index remove "Anna Schmidt" 3
    """
    with _opened(index, encoder, key_file, log, by) as opened:
        _tell("removed", writer, opened.remove(writer, reference))


def move(
    writer: WriterArgument,
    reference: ReferenceArgument,
    to: Annotated[str, typer.Argument(help="The writer it belongs to.")],
    index: IndexOption = DEFAULT_INDEX,
    key_file: KeyOption = None,
    encoder: EncoderOption = None,
    log: LogOption = False,
    by: ByOption = "",
    json: JsonOption = False,
) -> None:
    """Move one REFERENCE of WRITER to the writer TO, who is enrolled if necessary.

    \b
      sigsearch index move "Anna Schmidt" 3 "Anna Schmitt"
    """
    with _opened(index, encoder, key_file, log, by) as opened:
        _tell(f"moved to {to}", writer, opened.move(writer, reference, to), to=to)


def replace(
    writer: WriterArgument,
    reference: ReferenceArgument,
    image: Annotated[str, typer.Argument(help="The signature to enrol in its place.")],
    index: IndexOption = DEFAULT_INDEX,
    key_file: KeyOption = None,
    encoder: EncoderOption = None,
    log: LogOption = False,
    by: ByOption = "",
    json: JsonOption = False,
) -> None:
    """Enrol IMAGE in place of one REFERENCE of WRITER, with its metadata.

    \b
      sigsearch index replace "Anna Schmidt" 3 better-scan.png
    """
    with _opened(index, encoder, key_file, log, by) as opened:
        _tell(f"replaced by {image}", writer, opened.replace(writer, reference, image), image=image)


def rename(
    writer: WriterArgument,
    new: Annotated[str, typer.Argument(help="The new name: any text.")],
    index: IndexOption = DEFAULT_INDEX,
    key_file: KeyOption = None,
    json: JsonOption = False,
) -> None:
    """Give WRITER another name. In the decision log it stays the same writer.

    \b
      sigsearch index rename "Anna Schmidt" "Anna Schmidt-Berg"
    """
    from sigsearch.engine.accounts import refuse_named
    from sigsearch.engine.held_names import HeldNames
    from sigsearch.index.opening import open_index
    from sigsearch.names import one_form

    with open_index(index, key=key_from(key_file)) as opened:
        refuse_named(opened, writer)
        count = opened.rename(HeldNames(opened).find(writer), one_form(new))
    document = {"writer": writer, "renamed": new, "reference_count": count}
    told = f"{writer} is now {new} ({counted(count, 'reference')})"
    sink.answer(document, lambda: line(told))


def register(app: typer.Typer) -> None:
    for command in (references, remove, move, replace, rename):
        app.command()(command)


@contextmanager
def _opened(
    index: str, encoder: Path | None, key_file: Path | None, log: bool, by: str
) -> Iterator[SignatureIndex]:
    from sigsearch.encoder import Encoder
    from sigsearch.engine.signature_index import SignatureIndex

    model, key = Encoder.load(encoder), key_from(key_file)
    with SignatureIndex.open(index, model, key=key, log=log, by=by) as opened:
        yield opened


def _tell(done: str, writer: str, reference: Reference, **more: str) -> None:
    document = {"writer": writer, "reference": reference.to_dict(), **more}
    sink.answer(document, lambda: line(f"{writer}: {reference.source}: {done}"))
