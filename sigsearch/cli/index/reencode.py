"""`sigsearch index reencode`: an index read again with another encoder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sigsearch.cli.index.enrol import tell_each
from sigsearch.cli.keys import KeyOption, key_from
from sigsearch.cli.options import DEFAULT_INDEX, EncoderOption, IndexOption, JsonOption, shown
from sigsearch.cli.output import FAILED, complain, counted, line, progress, sink

if TYPE_CHECKING:
    from sigsearch.engine.reencoding import Reencoding


def reencode(
    new: Annotated[
        str, typer.Argument(help="The folder, or address in a database, of the new index.")
    ],
    index: IndexOption = DEFAULT_INDEX,
    key_file: KeyOption = None,
    encoder: EncoderOption = None,
    old_encoder: Annotated[
        Path | None,
        typer.Option(
            "--old-encoder",
            metavar="DIR",
            help="The folder of the encoder that made the old index. Only needed for kept scans "
            "when its tokens have another shape.",
        ),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Read all references of an index again with another encoder, into the new index NEW.

    Each reference is read from its image, if the file is still there and unchanged, or else from
    the scan that `--keep-images` kept. Metadata and the rules of accounts are carried over. A
    calibration of your own and the decision log stay with the old index.

    The old index is not changed. You can use it, with its encoder, until the new one is complete.
    If you stop the command, run it again: it continues. References without an image are listed at
    the end; then the exit code is 2.

    \b
      sigsearch index reencode indexes/new --index indexes/mine
    """
    from sigsearch.encoder import Encoder
    from sigsearch.engine.reencoding import reencode as reencode_index
    from sigsearch.engine.signature_index import SignatureIndex
    from sigsearch.errors import IndexFault
    from sigsearch.index.opening import open_index

    key, chosen = key_from(key_file), Encoder.load(encoder)
    card = Encoder.load(old_encoder).card if old_encoder else chosen.card
    if shown(new) == shown(index) or Path(new).resolve() == Path(index).resolve():
        raise IndexFault(f"{shown(new)}: the new index needs a folder of its own")
    with (
        open_index(index, key=key, read_only=True) as old,
        SignatureIndex.create(new, chosen, exist_ok=True, key=key) as opened,
    ):
        count = old.state().reference_count
        report = reencode_index(
            old, opened.index, chosen, card, lambda rows: iter(progress(rows, "reading", count))
        )
        opened.follow_growth()
    sink.answer({**report.to_dict(), "index": shown(new)}, lambda: _show(report, shown(new)))
    tell_each("missing", report.missing, complain)
    if report.missing:
        raise typer.Exit(FAILED)


def _show(report: Reencoding, new: str) -> None:
    line(
        f"read {counted(report.reencoded, 'reference')} again, {report.from_scans} of them from "
        f"kept scans; {report.known} were in {new} already; {len(report.missing)} are missing"
    )


def register(app: typer.Typer) -> None:
    """Add the command to the `index` group."""
    app.command("reencode")(reencode)
