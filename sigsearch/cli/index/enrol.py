"""`sigsearch index ...`: who is enrolled."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sigsearch.cli.keys import KeyOption, key_from
from sigsearch.cli.options import (
    DEFAULT_INDEX,
    EncoderOption,
    IndexOption,
    JsonOption,
    SyncOption,
    folder_choice,
    key_values,
    sync_level,
)

if TYPE_CHECKING:
    from sigsearch.engine.results import Enrolment
    from sigsearch.engine.signature_index import SignatureIndex

_TOLD = 20  # of what was left out: more is for programs

HELP = """Enrol writers, list them, forget them, look after the index.

\b
  sigsearch index build refs/                       # a folder a writer
  sigsearch index add "Anna Schmidt" anna1.png anna2.png
  sigsearch index list
  sigsearch index check --report audit.html         # labels that may be wrong
  sigsearch index verify                            # is every record sound?
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
    layout: Annotated[
        str,
        typer.Option(
            help="auto, folders, csv, npz, cedar, bhsig, gpds, mcyt, sigcomp, svc2004, crossmedia."
        ),
    ] = "auto",
    writer_folder: Annotated[
        str,
        typer.Option(
            help="Where folders lie in folders, which of them names the writer: innermost, "
            "outermost, or path for all of them; auto: the innermost, unless one name stands in "
            "two places."
        ),
    ] = "auto",
    key_file: KeyOption = None,
    sync: SyncOption = "full",
    encoder: EncoderOption = None,
    json: JsonOption = False,
) -> None:
    """Enrol every genuine signature under REFERENCES, one writer a folder (or as the layout says).

    A folder's name is the writer's, as it stands; folders around it are kept as metadata `folder`.
    Forgeries that the layout names are left out and counted. Building again is free: files that
    are enrolled already are recognised by content, and a build that was stopped goes on.

    What was left out is said at the end. Exit code 2 when something that looks like an image, or a
    row of a manifest, could not be read; all that could be is enrolled.

    \b
      sigsearch index build refs/ --index indexes/mine
      sigsearch index build refs/ --layout cedar --json
      sigsearch index build years/ --writer-folder outermost   # years/anna/2024/1.png
    """
    from sigsearch.cli.output import progress, say, working
    from sigsearch.datasets import read_dataset
    from sigsearch.engine.enrolment import specimens_of, with_left_out

    with working("reading the folder"):
        dataset = read_dataset(references, layout, folder_choice(writer_folder))
    say(f"{dataset.summary()}")
    for note in dataset.notes:
        say(f"note: {note}")
    with _create(index, encoder, key_file, sync) as opened:
        specimens = progress(specimens_of(dataset), "enrolling", len(dataset.genuine()))
        report = opened.enrol_all(specimens, len(dataset.forgeries()))
        _tell(with_left_out(report, dataset.left_out), opened, json)


@app.command()
def add(
    writer: Annotated[str, typer.Argument(help="The writer's name: any text.")],
    images: Annotated[list[str], typer.Argument(help="The writer's signatures.")],
    index: IndexOption = DEFAULT_INDEX,
    metadata: Annotated[
        list[str] | None, typer.Option("--meta", help="KEY=VALUE kept with the references.")
    ] = None,
    key_file: KeyOption = None,
    sync: SyncOption = "full",
    encoder: EncoderOption = None,
    json: JsonOption = False,
) -> None:
    """Enrol IMAGES as references of WRITER; the index is made if there is none.

    Exit code 2 when one of them could not be read; the others are enrolled.

    \b
      sigsearch index add "Anna Schmidt" anna1.png anna2.png --meta branch=hanoi
    """
    from sigsearch.cli.output import progress

    pairs = key_values(metadata)
    with _create(index, encoder, key_file, sync) as opened:
        report = opened.enrol(writer, progress(images, "enrolling", len(images)), pairs)
        _tell(report, opened, json)


@app.command()
def forget(
    writer: Annotated[str, typer.Argument(help="The writer's name.")],
    index: IndexOption = DEFAULT_INDEX,
    key_file: KeyOption = None,
    json: JsonOption = False,
) -> None:
    """Drop WRITER and all their references from the index.

    \b
      sigsearch index forget "Anna Schmidt"
    """
    from sigsearch.cli.output import emit, line
    from sigsearch.engine.held_names import HeldNames
    from sigsearch.index.embedded import EmbeddedIndex

    with EmbeddedIndex.open(index, key=key_from(key_file)) as opened:
        writer = HeldNames(opened).find(writer)
        count = opened.forget(writer)
    if json:
        emit({"writer": writer, "references_forgotten": count})
    else:
        line(f"forgot {writer}: {count} references")


@app.command("list")
def list_writers(
    index: IndexOption = DEFAULT_INDEX, key_file: KeyOption = None, json: JsonOption = False
) -> None:
    """List the enrolled writers and how many references each has.

    \b
      sigsearch index list --index indexes/mine
    """
    from sigsearch.cli.output import emit, table
    from sigsearch.index.embedded import EmbeddedIndex

    with EmbeddedIndex.open(index, key=key_from(key_file), read_only=True) as opened:
        writers = list(opened.writers())
    if json:
        emit([writer.to_dict() for writer in writers])
    else:
        table(("writer", "references"), [(w.name, w.references) for w in writers])


@app.command()
def info(
    index: IndexOption = DEFAULT_INDEX, key_file: KeyOption = None, json: JsonOption = False
) -> None:
    """Show what the index holds, by which encoder it was made and what it takes on disk.

    \b
      sigsearch index info --json
    """
    from sigsearch.cli.output import emit, table
    from sigsearch.index.embedded import EmbeddedIndex

    with EmbeddedIndex.open(index, key=key_from(key_file), read_only=True) as opened:
        facts = opened.info().to_dict()
    if json:
        emit(facts)
    else:
        table(("", ""), facts.items())


def _create(index: Path, encoder: Path | None, key_file: Path | None, sync: str) -> SignatureIndex:
    from sigsearch.encoder import Encoder
    from sigsearch.engine.signature_index import SignatureIndex

    key = key_from(key_file)
    level = sync_level(sync)
    return SignatureIndex.create(index, Encoder.load(encoder), exist_ok=True, key=key, sync=level)


def _tell(report: Enrolment, opened: SignatureIndex, json: bool) -> None:
    from sigsearch.cli.output import FAILED, emit, line, say

    if json:
        emit({**report.to_dict(), "index": opened.info().to_dict()})
    else:
        line(
            f"enrolled {report.enrolled} references ({report.known} known already) of "
            f"{report.writers} writers; left out {report.forgeries} forgeries; "
            f"refused {len(report.refused)} files"
        )
        line(f"{opened.index.path}: {opened.info().writers} writers, {len(opened)} references")
    for word, items in (("left out", report.left_out), ("refused", report.refused)):
        for item in items[:_TOLD]:
            say(f"{word}: {item.reason}")
        if len(items) > _TOLD:
            say(f"{word}: {len(items) - _TOLD} more; --json lists all")
    if report.refused:
        raise typer.Exit(FAILED)
