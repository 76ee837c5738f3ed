"""Options that several commands share, so that they mean the same everywhere."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from sigsearch.cli.output import sink
from sigsearch.names import one_form
from sigsearch.schema import Layout, Proposition, Sync

DEFAULT_INDEX = "indexes/default"


class Misused(typer.BadParameter):
    """Options that do not go together, or a value that is of no use."""

    def format_message(self) -> str:
        return self.message


def _as_json(wanted: bool) -> bool:
    sink.json = wanted
    return wanted


IndexOption: TypeAlias = Annotated[
    str,
    typer.Option(
        "--index",
        "-i",
        help="The folder of the index, or postgresql://HOST/DATABASE?index=NAME.",
        metavar="PLACE",
        envvar="SIGSEARCH_INDEX",
    ),
]
EncoderOption: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--encoder",
        help="A folder with your own encoder, instead of the shipped one.",
        metavar="DIR",
    ),
]
JsonOption: TypeAlias = Annotated[
    bool, typer.Option("--json", help="Print JSON for programs.", callback=_as_json)
]
LogOption: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--log",
        help="Write each decision, and what is enrolled or removed, to the index's decision log.",
    ),
]
ByOption: TypeAlias = Annotated[str, typer.Option("--by", help="With --log: who is asking.")]
LayoutOption: TypeAlias = Annotated[
    Layout, typer.Option("--layout", help="How the data lies on disk; auto: recognised.")
]
SyncOption: TypeAlias = Annotated[
    Sync,
    typer.Option(
        "--sync",
        help="full: each batch is on disk before it is reported. lazy: faster, but a power failure "
        "may undo the last batches.",
    ),
]
FmrOption: TypeAlias = Annotated[
    float,
    typer.Option(
        "--fmr",
        help="Share of forgeries that may be called a match (0.01 = 1 %). It holds for writers "
        "like those of the calibration or, with --against random, like those of an index that has "
        "measured its own writers.",
    ),
]
FnmrOption: TypeAlias = Annotated[
    float,
    typer.Option(
        "--fnmr",
        help="Share of genuine signatures that may be called non_match. Anything between the two "
        "thresholds is inconclusive.",
    ),
]
SignatureOption: TypeAlias = Annotated[
    int | None,
    typer.Option(
        "--signature", min=1, help="Which signature of a document; `sigsearch find` lists them."
    ),
]
KeepImagesOption: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--keep-images",
        help="Keep a scan of each new reference in the index, at most 50 kB, for evidence sheets.",
    ),
]
StrengthOption: TypeAlias = Annotated[
    float,
    typer.Option(
        "--strength",
        help="Likelihood ratio that a match must reach, and a non_match its inverse, on top of the "
        "rates.",
    ),
]
AgainstOption: TypeAlias = Annotated[
    Proposition,
    typer.Option(
        "--against",
        help="What a false match would be: skilled (an imitation), random (anybody else's "
        "signature) or both.",
    ),
]


def key_values(texts: list[str] | None) -> dict[str, str]:
    """`["branch=hanoi"]` as a mapping, in one form."""
    pairs = [(text, *one_form(text).partition("=")) for text in texts or []]
    for text, key, equals, _ in pairs:
        if not key or not equals:
            raise Misused(f"{text!r} is not KEY=VALUE")
    return {key: value for _, key, _, value in pairs}


def command_line(context: typer.Context) -> str:
    """What was typed, for the record."""
    return shlex.join(["sigsearch", *map(shown, context.obj or ())])


def shown(place: str) -> str:
    """Where an index is, for people: a database without the password."""
    from sigsearch.index.postgres.address import without_password

    return without_password(str(place))


def folder_of(place: str, what: str) -> Path:
    """The folder of an index; raises Misused where it is in a database, which does `what`
    otherwise."""
    from sigsearch.index.postgres.address import is_address

    if is_address(place):
        raise Misused(f"{shown(place)} is in a database: {what}")
    return Path(place)
