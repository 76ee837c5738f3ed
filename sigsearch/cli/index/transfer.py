"""`sigsearch index create`, `copy`, `export`, `import`, `new-key`, `log`: in, out, under lock."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sigsearch.cli.keys import KeyOption, key_from, write_key
from sigsearch.cli.options import DEFAULT_INDEX, EncoderOption, IndexOption, JsonOption, shown
from sigsearch.cli.output import counted, line, say, sink, table, working

if TYPE_CHECKING:
    from sigsearch.index.results import LogEntry


def create(
    index: IndexOption = DEFAULT_INDEX,
    key_file: KeyOption = None,
    verify_only: Annotated[
        bool,
        typer.Option("--verify-only", help="Only allow verification of a named writer, no search."),
    ] = False,
    encoder: EncoderOption = None,
    json: JsonOption = False,
) -> None:
    """Create an empty index. Only needed for encrypted or verify-only indexes: `build` and `add`
    create ordinary ones.

    With a key, everything in the index is encrypted (AES-256-GCM). With --verify-only, a writer's
    records can only be opened with the writer's name, so nobody can list or search the writers.

    \b
      sigsearch index new-key my.key
      sigsearch index create --index indexes/vault --key-file my.key --verify-only
    """
    from sigsearch.encoder import Encoder
    from sigsearch.engine.enrolment import identity_of
    from sigsearch.index.opening import create_index

    identity, key = identity_of(Encoder.load(encoder)), key_from(key_file)
    with create_index(index, identity, key=key, verify_only=verify_only) as opened:
        info = opened.info()
    sink.answer(info, lambda: line(f"created {info.path} for encoder {info.encoder}"))


def copy(
    source: Annotated[
        str, typer.Argument(metavar="FROM", help="The old index: a folder or a database address.")
    ],
    target: Annotated[
        str, typer.Argument(metavar="TO", help="The new index: a folder or a database address.")
    ],
    key_file: KeyOption = None,
    to_key_file: Annotated[
        Path | None,
        typer.Option(
            "--to-key-file",
            metavar="FILE",
            help="File with the key of the copy. Without it, the copy is not encrypted.",
        ),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Copy an index, from a folder to a database or the other way round, and check the copy.

    Everything is copied: references, settings, accounts and the decision log. The copy gives the
    same answers. Meanwhile nobody else can write to FROM. If you stop the command, run it again: it
    continues. If TO holds anything else, the command refuses it.

    \b
      sigsearch index copy indexes/mine 'postgresql://db.example/signatures?index=mine'
    """
    from sigsearch.index.copying import Copyable, copy_index
    from sigsearch.index.opening import create_index, open_index

    key = None if to_key_file is None else key_from(to_key_file)
    with open_index(source, key=key_from(key_file)) as old:
        assert isinstance(old, Copyable)
        with create_index(target, old.identity, key, exist_ok=True) as new:
            assert isinstance(new, Copyable)
            count = old.state().reference_count
            with working("copying", count) as tell:
                done = copy_index(old, new, lambda copied: tell("copying", copied, count))
    counts = f"{counted(done.reference_count, 'reference')} of "
    counts += counted(done.writer_count, "writer")
    told = f"copied {counts} to {done.target}; SHA-256 of both {done.sha256}"
    sink.answer(done, lambda: line(told))


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
    from sigsearch.index.opening import open_index

    with open_index(index, key=key_from(key_file), read_only=True) as opened:
        count = opened.export(file)
    sink.answer(
        {"file": str(file), "reference_count": count},
        lambda: line(f"wrote {counted(count, 'reference')} to {file}"),
    )


def import_(
    file: Annotated[
        Path,
        typer.Argument(help="A Parquet file that `export` wrote, or what `sigsearch embed` wrote."),
    ],
    index: IndexOption = DEFAULT_INDEX,
    key_file: KeyOption = None,
    with_calibration: Annotated[
        bool,
        typer.Option(
            "--with-calibration",
            help="Take over the calibration in FILE. It decides who matches: trust its origin.",
        ),
    ] = False,
    encoder: EncoderOption = None,
    json: JsonOption = False,
) -> None:
    """Enrol the references of an exported file, or of a folder that `sigsearch embed` wrote.
    Creates the index if there is none.

    Every row of FILE is checked before the first one is stored. Rows of `embed` without a writer,
    or with an error, are skipped. The index then measures its own writers again, as after every
    enrolment.

    \b
      sigsearch index import mine.parquet --index indexes/copy
      sigsearch index import embedded/ --index indexes/mine
    """
    from sigsearch.encoder import Encoder
    from sigsearch.engine.enrolment import identity_of
    from sigsearch.engine.importing import calibration_in, take_in
    from sigsearch.engine.signature_index import SignatureIndex
    from sigsearch.errors import EncoderMismatch
    from sigsearch.index.care.transfer import identity_in, passed_over
    from sigsearch.index.opening import create_index

    key, identity, chosen = key_from(key_file), identity_in(file), Encoder.load(encoder)
    card = chosen.card if identity_of(chosen) == identity else None
    if with_calibration:
        calibration_in(file)  # before there is an index
    with create_index(index, identity, exist_ok=True, key=key) as opened:
        count = take_in(opened, file, card, with_calibration)
    failed, nobody = passed_over(file)
    sink.answer(
        {"index": shown(index), "references_enrolled": count, "rows_with_an_error": failed,
         "rows_without_a_writer": nobody},
        lambda: line(f"enrolled {counted(count, 'new reference')} in {shown(index)}"),
    )  # fmt: skip
    if failed or nobody:
        say(f"note: skipped {failed} with an error and {nobody} without a writer")
    try:
        with SignatureIndex.open(index, chosen, key=key) as opened:
            opened.follow_growth()
    except EncoderMismatch as fault:
        say(f"note: the index has not measured its own writers: {fault}")


def new_key(
    file: Annotated[Path, typer.Argument(help="The key file to write.")], json: JsonOption = False
) -> None:
    """Create a new key for an encrypted index, in a file that only you can read. Without the key
    the index cannot be opened.

    \b
      sigsearch index new-key my.key
    """
    from sigsearch.errors import IndexFault

    try:
        write_key(file)
    except OSError as error:
        raise IndexFault(f"no key was written: {error}") from error
    told = f"wrote a new key to {file}; keep a copy in a safe place"
    sink.answer({"file": str(file)}, lambda: line(told))


def log(
    index: IndexOption = DEFAULT_INDEX, key_file: KeyOption = None, json: JsonOption = False
) -> None:
    """Show the decision log, and check that no line was changed or removed.

    It holds writers' numbers. Their names are shown as long as they are enrolled.

    The index records where the log ends, so a missing end is noticed. The last line printed is the
    head. If you keep it elsewhere, it also proves that nobody put back an older copy of the index
    and its log.

    \b
      sigsearch index log --json
    """
    from sigsearch.index.opening import open_index

    with open_index(index, key=key_from(key_file), read_only=True) as opened:
        entries = list(opened.decisions())
        names = [opened.names(entry.writers) for entry in entries]
    document = [
        {**entry.to_dict(), "names": known} for entry, known in zip(entries, names, strict=True)
    ]
    sink.answer(document, lambda: _show(entries, names))


def _show(entries: Sequence[LogEntry], names: Sequence[Sequence[str | None]]) -> None:
    columns = ("number", "at", "event", "writers", "facts")
    rows = [
        (e.number, e.at, e.event, _named(e.writers, known), dict(e.facts))
        for e, known in zip(entries, names, strict=True)
    ]
    table(columns, rows)
    line(f"head {entries[-1].hash}" if entries else "the log is empty")


def _named(numbers: Sequence[int | None], names: Sequence[str | None]) -> str:
    """The names of those who are still enrolled, the numbers of others."""
    told = zip(numbers, names, strict=True)
    return ", ".join(name or f"writer {number}" for number, name in told)


def register(app: typer.Typer) -> None:
    """Add these commands to the `index` group."""
    for name, command in (
        ("create", create), ("copy", copy), ("export", export), ("import", import_),
        ("new-key", new_key), ("log", log),
    ):  # fmt: skip
        app.command(name)(command)
