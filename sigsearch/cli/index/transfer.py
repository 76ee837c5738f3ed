"""`sigsearch index create`, `export`, `import`, `new-key`, `log`: in, out, and under lock."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sigsearch.cli.keys import KeyOption, key_from, write_key
from sigsearch.cli.options import DEFAULT_INDEX, EncoderOption, IndexOption, JsonOption


def create(
    index: IndexOption = DEFAULT_INDEX,
    key_file: KeyOption = None,
    verify_only: Annotated[
        bool,
        typer.Option("--verify-only", help="Only a named writer can be verified; no search."),
    ] = False,
    encoder: EncoderOption = None,
    json: JsonOption = False,
) -> None:
    """Make an empty index; `build` and `add` make an ordinary one by themselves.

    With a key everything in it is encrypted (AES-256-GCM). With --verify-only a writer's
    records open by the writer's name alone: nobody can list the writers or search them all.

    \b
      sigsearch index new-key my.key
      sigsearch index create --index indexes/vault --key-file my.key --verify-only
    """
    from sigsearch.cli.output import emit, line
    from sigsearch.encoder import Encoder
    from sigsearch.engine.enrolment import identity_of
    from sigsearch.index.embedded import EmbeddedIndex

    identity, key = identity_of(Encoder.load(encoder)), key_from(key_file)
    with EmbeddedIndex.create(index, identity, key=key, verify_only=verify_only) as opened:
        info = opened.info()
    if json:
        emit(info.to_dict())
    else:
        line(f"made {index} for encoder {info.encoder}")


def export(
    file: Annotated[Path, typer.Argument(help="The Parquet file to write.")],
    index: IndexOption = DEFAULT_INDEX,
    key_file: KeyOption = None,
    json: JsonOption = False,
) -> None:
    """Write all references (writer, vector, tokens, metadata) to a Parquet file.

    \b
      sigsearch index export mine.parquet --index indexes/mine
    """
    from sigsearch.cli.output import emit, line
    from sigsearch.index.embedded import EmbeddedIndex

    with EmbeddedIndex.open(index, key=key_from(key_file), read_only=True) as opened:
        count = opened.export(file)
    if json:
        emit({"file": str(file), "references": count})
    else:
        line(f"wrote {count} references to {file}")


def import_(
    file: Annotated[Path, typer.Argument(help="A Parquet file that `export` wrote.")],
    index: IndexOption = DEFAULT_INDEX,
    key_file: KeyOption = None,
    encoder: EncoderOption = None,
    json: JsonOption = False,
) -> None:
    """Enrol what an exported file holds; the index is made if there is none.

    A calibration in FILE is kept where nobody was enrolled. How near the index's writers come to
    one another is measured anew, as after every enrolment.

    \b
      sigsearch index import mine.parquet --index indexes/copy
    """
    from sigsearch.cli.output import emit, line, say
    from sigsearch.encoder import Encoder
    from sigsearch.engine.signature_index import SignatureIndex
    from sigsearch.errors import EncoderMismatch
    from sigsearch.index.care.transfer import identity_in
    from sigsearch.index.embedded import EmbeddedIndex

    key = key_from(key_file)
    with EmbeddedIndex.create(index, identity_in(file), exist_ok=True, key=key) as opened:
        count = opened.take_in(file)
    if json:
        emit({"index": str(index), "references_enrolled": count})
    else:
        line(f"enrolled {count} new references in {index}")
    try:
        with SignatureIndex.open(index, Encoder.load(encoder), key=key) as opened:
            opened.follow_growth()
    except EncoderMismatch as fault:
        say(f"note: how near its writers come to one another is not measured: {fault}")


def new_key(
    file: Annotated[Path, typer.Argument(help="The key file to write.")], json: JsonOption = False
) -> None:
    """Draw a new key for encrypted indexes, readable by you alone. Without it nothing opens.

    \b
      sigsearch index new-key my.key
    """
    from sigsearch.cli.output import emit, line
    from sigsearch.errors import IndexFault

    try:
        write_key(file)
    except OSError as error:
        raise IndexFault(f"no key was written: {error}") from error
    if json:
        emit({"file": str(file)})
    else:
        line(f"wrote a new key to {file}; keep a copy in a safe place")


def log(
    index: IndexOption = DEFAULT_INDEX, key_file: KeyOption = None, json: JsonOption = False
) -> None:
    """Show the audit log and check that no line of it was altered or taken out.

    The head that is printed last, noted elsewhere, proves that nothing was cut off the end.

    \b
      sigsearch index log --json
    """
    from sigsearch.cli.output import emit, line, table
    from sigsearch.index.embedded import EmbeddedIndex

    with EmbeddedIndex.open(index, key=key_from(key_file), read_only=True) as opened:
        entries = list(opened.decisions())
    if json:
        emit([entry.to_dict() for entry in entries])
        return
    columns = ("number", "at", "event", "writers", "facts")
    table(columns, [(e.number, e.at, e.event, e.writers, dict(e.facts)) for e in entries])
    line(f"head {entries[-1].hash}" if entries else "nothing was logged")


def register(app: typer.Typer) -> None:
    """Add these commands to the `index` group."""
    for name, command in (
        ("create", create), ("export", export), ("import", import_), ("new-key", new_key),
        ("log", log),
    ):  # fmt: skip
        app.command(name)(command)
