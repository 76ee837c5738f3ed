"""Where the command line finds the key of an encrypted index."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from sigsearch.errors import IndexLocked

ENVIRONMENT = "SIGSEARCH_INDEX_KEY"
_DIGITS = 64

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
        IndexLocked: what is there is no key, or a file that anybody may read. Whoever names a key
        wants it used: an empty one never stands for "not encrypted".
    """
    place = file or f"${ENVIRONMENT}"
    try:
        text = _secret(file) if file else os.environ.get(ENVIRONMENT)
        key = None if text is None else bytes.fromhex(text)
    except (OSError, ValueError) as error:
        raise _no_key(place) from error
    if key is not None and len(key) != _DIGITS // 2:
        raise _no_key(place)
    return key


def _secret(file: Path) -> str:
    """The text in a key file; no more of it than tells that it is none."""
    with file.open("rb") as opened:
        status = os.fstat(opened.fileno())
        if os.name != "nt" and stat.S_ISREG(status.st_mode) and status.st_mode & stat.S_IROTH:
            raise IndexLocked(
                f"{file} can be read by everybody on this machine; run `chmod 600 {file}`, or make "
                "a new key if others may have read this one"
            )
        return opened.read(4 * _DIGITS).decode("ascii")


def _no_key(place: object) -> IndexLocked:
    return IndexLocked(
        f"{place} does not hold a key of {_DIGITS} hex digits; `sigsearch index new-key FILE` "
        "makes one"
    )


def write_key(file: Path) -> None:
    """A new key in a new file that only its owner may read."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "w", encoding="ascii") as opened:
        opened.write(os.urandom(_DIGITS // 2).hex() + "\n")
