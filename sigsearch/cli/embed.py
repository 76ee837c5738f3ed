"""`sigsearch embed`: an archive of images to files of embeddings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from sigsearch.cli.options import EncoderOption, JsonOption, LayoutOption, Misused
from sigsearch.cli.output import ACCEPTED, FAILED, complain, counted, line, say, sink, working
from sigsearch.schema import Engine, WriterFolder

if TYPE_CHECKING:
    from sigsearch.bulk import Embedded


def embed_(
    in_: Annotated[
        str,
        typer.Argument(
            metavar="IN",
            help="A folder of images, a CSV manifest, a document, or Parquet files with a column "
            "`image`. Give a path, or a URL such as s3://bucket/scans.",
        ),
    ],
    out: Annotated[str, typer.Argument(help="The folder to write to: a path or a URL.")],
    shard: Annotated[
        str,
        typer.Option(
            metavar="I/N", help="Make only share I of N. Run 1/4, 2/4, 3/4 and 4/4 to make all."
        ),
    ] = "1/1",
    layout: LayoutOption = "auto",
    writer_folder: Annotated[WriterFolder, typer.Option(help="As for `index build`.")] = "auto",
    no_writers: Annotated[
        bool,
        typer.Option(
            "--no-writers", help="The writers are not known: make one row per signature found."
        ),
    ] = False,
    parts: Annotated[
        int,
        typer.Option(
            min=0,
            help="How many files to make; 0: one per thousand images. Later runs keep this number.",
        ),
    ] = 0,
    engine: Annotated[
        Engine,
        typer.Option(
            help="ray: use the Ray cluster that RAY_ADDRESS names, or start one on this machine."
        ),
    ] = "local",
    workers: Annotated[
        int, typer.Option(min=0, help="Processes at once; 0: one per core, or the whole cluster.")
    ] = 0,
    encoder: EncoderOption = None,
    json: JsonOption = False,
) -> None:
    """Embed the images of an archive IN into Parquet files in the folder OUT, on all cores or on
    many machines.

    Columns: id, writer, source, sha256, page, box, vector, tokens, metadata, warnings, error,
    encoder.

    If folders or a manifest name the writers, each image becomes one row, read as `index build`
    reads it. Forgeries are left out. `index import OUT` enrols the rows. Otherwise (--no-writers, a
    document, Parquet without a `writer` column) each signature found becomes a row. An image that
    cannot be read becomes a row with its error, and the exit code is 2.

    Which part an image goes to depends on the input alone. If you run the command again, it skips
    parts that are done and whose files still have the same names, writers and sizes. A damaged
    part is reported and made again. A row group of a Parquet file stays in one part.

    \b
      sigsearch embed refs/ embedded/
      sigsearch index import embedded/ --index indexes/mine
      sigsearch embed s3://bank/scans s3://bank/embedded --no-writers --shard 1/4
      sigsearch embed manifest.csv embedded/ --engine ray --json
    """
    from sigsearch.bulk import embed
    from sigsearch.encoder import Encoder

    share = _share(shard)
    with working("embedding") as tell:
        done = embed(
            in_,
            out,
            Encoder.load(encoder),
            shard=share,
            layout=layout,
            writer_folder=writer_folder,
            writers=not no_writers,
            parts=parts,
            engine=engine,
            workers=workers,
            tell=lambda at, whole: tell("embedding", at, whole),
        )
    for note in done.notes:
        say(f"note: {note}")
    for fault in done.damaged:
        complain(f"damaged, made again: {fault}")
    sink.answer(done, lambda: _show(done))
    raise typer.Exit(FAILED if done.errors else ACCEPTED)


def _share(text: str) -> tuple[int, int]:
    number, slash, of = text.partition("/")
    if not (slash and number.isascii() and of.isascii() and number.isdecimal() and of.isdecimal()):
        raise Misused(f"--shard {text!r}: give I/N, such as 1/4")
    return int(number), int(of)


def _show(done: Embedded) -> None:
    embedded = counted(done.rows - done.errors, "signature")
    line(
        f"{embedded} of {counted(done.inputs, 'input')} in {done.out}; "
        f"{counted(done.errors, 'error')}; forgeries left out: {done.forgeries_left_out}"
    )
    line(
        f"{counted(done.parts, 'part')} of shard {done.shard}: {done.made} made now "
        f"({len(done.damaged)} damaged, {done.changed} changed), {done.kept} done before"
    )
