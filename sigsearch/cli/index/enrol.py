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
    key_values,
    sync_level,
)

if TYPE_CHECKING:
    from sigsearch.engine.results import Enrolment
    from sigsearch.engine.signature_index import SignatureIndex

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
    key_file: KeyOption = None,
    sync: SyncOption = "full",
    encoder: EncoderOption = None,
    json: JsonOption = False,
) -> None:
    """Enrol every genuine signature under REFERENCES, one writer a folder (or as the layout says).

    Forgeries that the layout names are left out and counted. Building again is free: files that
    are enrolled already are recognised by content, and a build that was stopped goes on.

    \b
      sigsearch index build refs/ --index indexes/mine
      sigsearch index build refs/ --layout cedar --json
    """
    from sigsearch.cli.output import progress, say
    from sigsearch.datasets import read_dataset
    from sigsearch.engine.enrolment import specimens_of

    dataset = read_dataset(references, layout)
    with _create(index, encoder, key_file, sync) as opened:
        specimens = progress(specimens_of(dataset), "enrolling", len(dataset.genuine()))
        report = opened.enrol_all(specimens, len(dataset.forgeries()))
        say(f"{dataset.summary()}")
        _tell(report, opened, json)


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

    \b
      sigsearch index add "Anna Schmidt" anna1.png anna2.png --meta branch=hanoi
    """
    pairs = key_values(metadata)
    with _create(index, encoder, key_file, sync) as opened:
        _tell(opened.enrol(writer, images, pairs), opened, json)


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
    from sigsearch.index.embedded import EmbeddedIndex

    with EmbeddedIndex.open(index, key=key_from(key_file)) as opened:
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
    for refusal in report.refused:
        say(f"refused: {refusal.reason}")
    if report.refused and not report.enrolled + report.known:
        raise typer.Exit(FAILED)
