"""The table of commands: which file answers which word. None is imported before it is called."""

from __future__ import annotations

import typer

from sigsearch import __version__
from sigsearch.cli.lazily import Entry, group_of
from sigsearch.cli.output import sink

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

COMMANDS = {
    "query": Entry(
        "sigsearch.cli.query", "query", "Ask who signed IMAGES, and whether it is truly theirs."
    ),
    "verify": Entry(
        "sigsearch.cli.verify",
        "verify",
        "Ask whether one writer signed QUESTIONED: the writer of REFERENCES, or an "
        "enrolled writer (--writer).",
    ),
    "encode": Entry(
        "sigsearch.cli.encode",
        "encode",
        "Write the global vectors of IMAGES to a .npy file: float32, shape (n, d), unit length.",
    ),
    "embed": Entry(
        "sigsearch.cli.embed",
        "embed_",
        "Embed the images of an archive IN into Parquet files in the folder OUT, on all cores or "
        "on many machines.",
    ),
    "find": Entry(
        "sigsearch.cli.find",
        "find",
        "List the signatures on DOCUMENT: page, box, confidence and kind, and how to ask for each.",
    ),
    "clean": Entry(
        "sigsearch.cli.clean",
        "clean",
        "Write the ink of a signature as it is compared: without paper, print, lines or stamps.",
    ),
    "synth": Entry(
        "sigsearch.cli.synth",
        "synth",
        "Draw signatures of invented writers, genuine and forged, into the folder OUT.",
    ),
    "evaluate": Entry(
        "sigsearch.cli.evaluate",
        "evaluate",
        "Measure the error rates of an encoder on DATA, next to trivial baselines.",
    ),
    "metrics": Entry(
        "sigsearch.cli.metrics", "metrics", "Compute error rates, intervals and curves from scores."
    ),
    "calibrate": Entry(
        "sigsearch.cli.calibrate",
        "calibrate",
        "Fit thresholds and likelihood ratios to your own signatures (DATA).",
    ),
    "classify": Entry(
        "sigsearch.cli.classify",
        "classify",
        "Name the most likely of the writers that MODEL was trained on.",
    ),
    "compare": Entry(
        "sigsearch.cli.compare",
        "compare",
        "Compare a classifier with an index on the same writers.",
    ),
    "explain": Entry(
        "sigsearch.cli.explain",
        "explain",
        "Draw what the network sees in IMAGE: the feature maps of its layers.",
    ),
    "completion": Entry(
        "sigsearch.cli.completion",
        "completion",
        "Print a script that lets SHELL complete commands and options.",
    ),
    "index": Entry(
        "sigsearch.cli.index.group",
        "app",
        "Enrol, list and forget writers, and maintain the index.",
    ),
    "account": Entry("sigsearch.cli.account", "app", "Say who may sign for an account."),
    "serve": Entry(
        "sigsearch.cli.service.group",
        "app",
        "Serve an index over HTTP, with a desk where people decide.",
    ),
    "train": Entry("sigsearch.cli.train", "app", "Train your own encoder or classifier."),
}

app = typer.Typer(
    cls=group_of(COMMANDS),
    help=HELP,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


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
