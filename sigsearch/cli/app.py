"""The table of commands: which file answers which word."""

from __future__ import annotations

import typer

from sigsearch import __version__
from sigsearch.cli import (
    account,
    calibrate,
    classify,
    clean,
    compare,
    completion,
    encode,
    evaluate,
    explain,
    find,
    metrics,
    query,
    synth,
    train,
    verify,
)
from sigsearch.cli.index import audit, care, enrol, reencode, references, transfer
from sigsearch.cli.output import sink
from sigsearch.cli.service import keys, serve

HELP = """Who signed this, and is it truly theirs?

Enrol reference signatures in an index. Ask who signed an image (query), or
whether a writer signed it (verify). The answer is accepted, review or rejected.
Exit codes: 0 accepted, 1 review or rejected, 2 error.

\b
  sigsearch synth drawn --writers 12 --genuine 8    # draw some invented writers
  sigsearch index build drawn --index indexes/drawn
  sigsearch query drawn/writer_0004/08.png --index indexes/drawn
  sigsearch verify drawn/writer_0007/07.png drawn/writer_0007/08.png
"""

app = typer.Typer(
    help=HELP,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def summarise(group: typer.Typer) -> None:
    """Make each command's first sentence its summary, which is then never cut short."""
    for command in group.registered_commands:
        command.short_help = first_sentence(command.callback.__doc__)
    for inner in group.registered_groups:
        if inner.typer_instance is not None:
            inner.short_help = first_sentence(inner.typer_instance.info.help)


def first_sentence(text: str | None) -> str:
    """Of the first paragraph, on one line."""
    paragraph = " ".join((text or "").split("\n\n")[0].split())
    return paragraph.partition(". ")[0].rstrip(".") + "."


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"sigsearch {__version__}")
        raise typer.Exit


@app.callback()
def _top(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version and exit."
    ),
    quiet: bool = typer.Option(
        False, "--quiet", "-q", help="Say nothing but errors; the exit code is the answer."
    ),
) -> None:
    """Options of the program itself."""
    sink.quiet = quiet


enrol.app.command("audit")(audit.audit)
references.register(enrol.app)
care.register(enrol.app)
transfer.register(enrol.app)
reencode.register(enrol.app)
app.add_typer(enrol.app, name="index")
app.add_typer(account.app, name="account")
app.add_typer(train.app, name="train")
app.command()(query.query)
app.command()(verify.verify)
app.command()(encode.encode)
app.command()(find.find)
app.command()(clean.clean)
app.command()(synth.synth)
app.command()(evaluate.evaluate)
app.command()(metrics.metrics)
app.command()(calibrate.calibrate)
app.command()(classify.classify)
app.command()(compare.compare)
app.command()(explain.explain)
serve.app.add_typer(keys.keys, name="keys")
serve.app.add_typer(keys.tenants, name="tenants")
app.add_typer(serve.app, name="serve")
app.command()(completion.completion)
for group in (app, account.app, enrol.app, train.app, serve.app, keys.keys, keys.tenants):
    summarise(group)
