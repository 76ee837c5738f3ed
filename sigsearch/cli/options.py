"""Options that several commands share, so that they mean the same everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

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
FmrOption: TypeAlias = Annotated[
    float,
    typer.Option(
        "--fmr",
        help="False match rate that a match may have, on the calibration's writers (0.01 = 1 %).",
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
