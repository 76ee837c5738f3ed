"""`sigsearch index ...`: who is enrolled."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sigsearch.cli.keys import KeyOption, key_from
from sigsearch.cli.options import (
    DEFAULT_INDEX,
    ByOption,
    EncoderOption,
    IndexOption,
    JsonOption,
    KeepImagesOption,
    LayoutOption,
    LogOption,
    SyncOption,
    key_values,
)
from sigsearch.cli.output import (
    FAILED,
    complain,
    counted,
    line,
    progress,
    say,
    sink,
    table,
    working,
)
from sigsearch.schema import Sync, WriterFolder

if TYPE_CHECKING:
    from sigsearch.engine.results import Enrolment, Refusal
    from sigsearch.engine.signature_index import SignatureIndex
    from sigsearch.index.results import IndexInfo

_TOLD = 20  # of what was left out: more is for programs

HELP = """Enrol, list and forget writers, and maintain the index.

\b
  sigsearch index build refs/                       # one folder per writer
  sigsearch index add "Anna Schmidt" anna1.png anna2.png
  sigsearch index list
  sigsearch index references "Anna Schmidt"         # and remove, move, replace, rename
  sigsearch index audit --report audit.html         # labels that may be wrong
  sigsearch index check                             # is every record sound?
"""

app = typer.Typer(
    help=HELP,
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command()
def build(
    references: Annotated[Path, typer.Argument(help="A folder of references, or a CSV manifest.")],
    index: IndexOption = DEFAULT_INDEX,
    layout: LayoutOption = "auto",
    writer_folder: Annotated[
        WriterFolder,
        typer.Option(
            help="For folders in folders: which of them names the writer. path: all of them. "
            "auto: the innermost, unless one name appears in two places."
        ),
    ] = "auto",
    keep_images: KeepImagesOption = False,
    key_file: KeyOption = None,
    sync: SyncOption = "full",
    encoder: EncoderOption = None,
    log: LogOption = False,
    by: ByOption = "",
    json: JsonOption = False,
) -> None:
    """Enrol every genuine signature under REFERENCES. Each folder is one writer, unless the layout
    says otherwise.

    The name of the folder is the writer's name, unchanged. The folders around it are kept as
    metadata `folder`. Forgeries are counted and not enrolled. You can build again at any time:
    files that are already enrolled are recognised by their content, and a build that was stopped
    continues.

    What was left out is listed at the end. If something that looks like an image, or a row of a
    manifest, could not be read, the exit code is 2; everything else is enrolled.

    \b
      sigsearch index build refs/ --index indexes/mine
      sigsearch index build refs/ --layout cedar --json
      sigsearch index build years/ --writer-folder outermost   # years/anna/2024/1.png
    """
    from sigsearch.datasets import read_dataset
    from sigsearch.engine.enrolment import specimens_of, with_left_out

    with working("reading the folder"):
        dataset = read_dataset(references, layout, writer_folder)
    say(f"{dataset.summary()}")
    for note in dataset.notes:
        say(f"note: {note}")
    with _create(index, encoder, key_file, sync, log, by) as opened:
        specimens = progress(specimens_of(dataset), "enrolling", len(dataset.genuine()))
        report = opened.enrol_all(specimens, len(dataset.forgeries()), keep_images)
        _tell(with_left_out(report, dataset.left_out), opened)


@app.command()
def add(
    writer: Annotated[str, typer.Argument(help="The writer's name: any text.")],
    images: Annotated[list[str], typer.Argument(help="The writer's signatures.")],
    index: IndexOption = DEFAULT_INDEX,
    metadata: Annotated[
        list[str] | None,
        typer.Option("--meta", help="KEY=VALUE to keep with the references. May be repeated."),
    ] = None,
    keep_images: KeepImagesOption = False,
    key_file: KeyOption = None,
    sync: SyncOption = "full",
    encoder: EncoderOption = None,
    log: LogOption = False,
    by: ByOption = "",
    json: JsonOption = False,
) -> None:
    """Enrol IMAGES as references of WRITER. Creates the index if there is none.

    If one of them could not be read, the exit code is 2; the others are enrolled.

    \b
      sigsearch index add "Anna Schmidt" anna1.png anna2.png --meta branch=hanoi
    """
    pairs = key_values(metadata)
    with _create(index, encoder, key_file, sync, log, by) as opened:
        report = opened.enrol(
            writer, progress(images, "enrolling", len(images)), pairs, keep_images
        )
        _tell(report, opened)


@app.command()
def forget(
    writer: Annotated[str, typer.Argument(help="The writer's name.")],
    index: IndexOption = DEFAULT_INDEX,
    key_file: KeyOption = None,
    log: LogOption = False,
    by: ByOption = "",
    json: JsonOption = False,
) -> None:
    """Remove WRITER and all their references from the index.

    \b
      sigsearch index forget "Anna Schmidt"
    """
    from sigsearch.engine.accounts import refuse_named
    from sigsearch.engine.held_names import HeldNames
    from sigsearch.engine.log_entries import note_change
    from sigsearch.index.opening import open_index

    with open_index(index, key=key_from(key_file)) as opened:
        refuse_named(opened, writer)
        writer = HeldNames(opened).find(writer)
        if log:
            note_change(opened, "forget", [writer], len(opened.references(writer)), by)
        count = opened.forget(writer)
    sink.answer(
        {"writer": writer, "references_forgotten": count},
        lambda: line(f"forgot {writer} ({counted(count, 'reference')})"),
    )


@app.command("list")
def list_writers(
    index: IndexOption = DEFAULT_INDEX, key_file: KeyOption = None, json: JsonOption = False
) -> None:
    """List the enrolled writers and how many references each has.

    \b
      sigsearch index list --index indexes/mine
    """
    from sigsearch.index.opening import open_index

    with open_index(index, key=key_from(key_file), read_only=True) as opened:
        writers = list(opened.writers())
    sink.answer(
        [writer.to_dict() for writer in writers],
        lambda: table(("writer", "references"), [(w.name, w.reference_count) for w in writers]),
    )


@app.command()
def info(
    index: IndexOption = DEFAULT_INDEX, key_file: KeyOption = None, json: JsonOption = False
) -> None:
    """Show what the index holds, which encoder made it, and its size on disk.

    \b
      sigsearch index info --json
    """
    from sigsearch.index.local.manifest import FORMAT
    from sigsearch.index.opening import open_index
    from sigsearch.index.postgres.address import is_address

    with open_index(index, key=key_from(key_file), read_only=True) as opened:
        facts = opened.info().to_dict()
    sink.answer(facts, lambda: table(("", ""), facts.items()))
    if not is_address(index) and facts["format"] < FORMAT:
        say(f"note: `sigsearch index migrate` brings the index to format {FORMAT}")
    if facts["faster_code"]:
        say(
            f"note: on this processor {facts['faster_code']!r} would be faster; `sigsearch index "
            "optimise` rebuilds the search structure, with the same answers until then"
        )


def _create(
    index: str, encoder: Path | None, key_file: Path | None, sync: Sync, log: bool, by: str
) -> SignatureIndex:
    from sigsearch.encoder import Encoder
    from sigsearch.engine.signature_index import SignatureIndex

    key = key_from(key_file)
    return SignatureIndex.create(
        index, Encoder.load(encoder), exist_ok=True, key=key, sync=sync, log=log, by=by
    )


def _tell(report: Enrolment, opened: SignatureIndex) -> None:
    info = opened.info()
    sink.answer({**report.to_dict(), "index": info.to_dict()}, lambda: _show(report, info))
    tell_each("left out", report.left_out, say)
    tell_each("note", report.elsewhere, complain)
    tell_each("refused", report.refused, complain)
    if report.refused:
        raise typer.Exit(FAILED)


def tell_each(word: str, items: Sequence[Refusal], tell: Callable[[str], None]) -> None:
    """A line each, but not too many of them: all are in the JSON."""
    for item in items[:_TOLD]:
        tell(f"{word}: {item.reason}")
    if len(items) > _TOLD:
        tell(f"{word}: {len(items) - _TOLD} more; --json lists all")


def _show(report: Enrolment, info: IndexInfo) -> None:
    references = counted(report.enrolled, "reference")
    line(
        f"enrolled {references} of {counted(report.writer_count, 'writer')} "
        f"({report.known} were already enrolled); forgeries left out: {report.forgeries_left_out}; "
        f"files refused: {len(report.refused)}"
    )
    writers = counted(info.writer_count, "writer")
    line(f"{info.path}: {writers}, {counted(info.reference_count, 'reference')}")
