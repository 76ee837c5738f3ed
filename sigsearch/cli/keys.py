"""Where the command line finds the key of an encrypted index."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from sigsearch.errors import IndexFault, IndexLocked

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
NewKeyOption: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--new-key-file",
        help="File for the new key of an encrypted index, created if necessary. Default: the "
        "file of the old key, with .new appended.",
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
    """A new key in a new file that only its owner may read; it is on disk when this returns."""
    from sigsearch.index.local.files import sync_folder

    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "w", encoding="ascii") as opened:
        opened.write(os.urandom(_DIGITS // 2).hex() + "\n")
        opened.flush()
        os.fsync(opened.fileno())
    sync_folder(file.absolute().parent)


def next_key(file: Path | None, former: Path | None) -> tuple[bytes, Path]:
    """The key that an index gets next, and the file in which it is: one that is there already, as
    after a command that was cut short, or a new one. The former key's file stays as it is.

    Raises:
        IndexLocked: no file was named, or there is something that is no key. IndexFault: it cannot
        be written.
    """
    place = file or (former and former.with_name(f"{former.name}.new"))
    if place is None:
        raise IndexLocked(
            f"the key comes from ${ENVIRONMENT}, so name a file for the new one (--new-key-file)"
        )
    try:
        write_key(place)
    except FileExistsError:
        pass
    except OSError as error:
        raise IndexFault(f"no key was written: {error}; nothing was changed") from error
    key = key_from(place)
    assert key is not None
    return key, place
