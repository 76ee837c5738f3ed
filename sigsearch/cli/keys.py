"""Where the command line finds the key of an encrypted index."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from sigsearch.errors import IndexLocked

ENVIRONMENT = "SIGSEARCH_INDEX_KEY"

KeyOption: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--key-file",
        help=f"File with the key of an encrypted index (64 hex digits). Default: ${ENVIRONMENT}.",
        metavar="FILE",
    ),
]


def key_from(file: Path | None) -> bytes | None:
    """The key in a file or, without one, in the environment; None if there is neither.

    Raises:
        IndexLocked: what is there is no key.
    """
    try:
        text = file.read_text("ascii") if file else os.environ.get(ENVIRONMENT, "")
        key = bytes.fromhex(text)
    except (OSError, ValueError) as error:
        raise IndexLocked(
            f"{file or '$' + ENVIRONMENT} does not hold a key of 64 hex digits; "
            "`sigsearch index new-key FILE` makes one"
        ) from error
    return key or None


def write_key(file: Path) -> None:
    """A new key in a new file that only its owner may read."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "w", encoding="ascii") as opened:
        opened.write(os.urandom(32).hex() + "\n")
