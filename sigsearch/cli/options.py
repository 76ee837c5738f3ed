"""Options that several commands share, so that they mean the same everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias, cast

import typer

from sigsearch.names import one_form

if TYPE_CHECKING:
    from sigsearch.datasets import WriterFolder
    from sigsearch.index.index import Sync

DEFAULT_INDEX = Path("indexes/default")

IndexOption: TypeAlias = Annotated[
    Path, typer.Option("--index", "-i", help="The index's directory.", envvar="SIGSEARCH_INDEX")
]
EncoderOption: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--encoder", help="A folder with another encoder than the shipped one.", metavar="DIR"
    ),
]
JsonOption: TypeAlias = Annotated[bool, typer.Option("--json", help="JSON for programs.")]
AuditOption: TypeAlias = Annotated[
    bool,
    typer.Option("--audit", help="Note each decision in the index's log before it is given."),
]
SyncOption: TypeAlias = Annotated[
    str,
    typer.Option(
        "--sync",
        help="full: on disk when a batch is enrolled; lazy: quicker, power loss may undo the last "
        "batches (whole ones).",
    ),
]
FmrOption: TypeAlias = Annotated[
    float,
    typer.Option(
        "--fmr",
        help="False match rate that a match may have (0.01 = 1 %): among writers like the "
        "calibration's, or with --against random like those of an index that has measured its own.",
    ),
]
FnmrOption: TypeAlias = Annotated[
    float,
    typer.Option(
        "--fnmr",
        help="Share of genuine signatures that may be called non_match; what lies between the two "
        "thresholds is inconclusive.",
    ),
]
AgainstOption: TypeAlias = Annotated[
    str,
    typer.Option(
        "--against",
        help="What it is if not the writer's: skilled (an imitation), random (anybody else's "
        "signature) or both.",
    ),
]


def sync_level(text: str) -> Sync:
    """`--sync` as the index takes it."""
    if text not in ("full", "lazy"):
        raise typer.BadParameter(f"--sync is full or lazy, not {text!r}")
    return "full" if text == "full" else "lazy"


def folder_choice(text: str) -> WriterFolder:
    """`--writer-folder` as the datasets take it."""
    from sigsearch.datasets import WRITER_FOLDERS

    if text not in WRITER_FOLDERS:
        raise typer.BadParameter(f"--writer-folder is one of {', '.join(WRITER_FOLDERS)}")
    return cast("WriterFolder", text)


def key_values(texts: list[str] | None) -> dict[str, str]:
    """`["branch=hanoi"]` as a mapping, in one form."""
    pairs = [one_form(text).partition("=") for text in texts or []]
    for key, equals, _ in pairs:
        if not key or not equals:
            raise typer.BadParameter(f"{key!r}: give KEY=VALUE")
    return {key: value for key, _, value in pairs}
