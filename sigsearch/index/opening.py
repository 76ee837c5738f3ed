"""Where an index is opened or made, whatever keeps it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sigsearch.index.embedded import EmbeddedIndex
from sigsearch.index.index import Index
from sigsearch.index.postgres.address import is_address
from sigsearch.index.records import EncoderIdentity
from sigsearch.schema import Sync

if TYPE_CHECKING:
    from sigsearch.index.care.integrity import Health


def open_index(
    path: Path | str, identity: EncoderIdentity | None = None, key: bytes | None = None,
    read_only: bool = False,
) -> Index:  # fmt: skip
    """The index in the folder `path`, or at `postgresql://host/db?index=NAME`; `key` (32 bytes) is
    that of an encrypted one.

    Raises:
        IndexMissing, IndexCorrupt, IndexLocked; EncoderMismatch: not made by `identity`; of a
        database, IndexUnreachable, IndexNewer and ExtraMissing too.
    """
    if is_address(path):
        from sigsearch.index.postgres.postgres_index import PostgresIndex

        return PostgresIndex.open(str(path), identity=identity, key=key, read_only=read_only)
    return EmbeddedIndex.open(path, identity=identity, key=key, read_only=read_only)


def check_index(path: Path | str, key: bytes | None = None, at_least: int = 0) -> Health:
    """Check every record and link, and the decision log; see `care.integrity.check_index`."""
    if is_address(path):
        from sigsearch.index.postgres.checking import check

        return check(str(path), key, at_least)
    from sigsearch.index.care import integrity

    return integrity.check_index(path, key, at_least)


def create_index(
    path: Path | str, identity: EncoderIdentity, key: bytes | None = None, *,
    exist_ok: bool = False, verify_only: bool = False, sync: Sync = "full",
) -> Index:  # fmt: skip
    """An empty index at `path` (see `open_index`), encrypted if there is a `key`; with `exist_ok`
    one that is there already is opened.

    Raises:
        IndexFault: there is one already, or what is left of one; EncoderMismatch.
    """
    if is_address(path):
        from sigsearch.index.postgres.postgres_index import PostgresIndex

        return PostgresIndex.create(
            str(path), identity, exist_ok=exist_ok, key=key, verify_only=verify_only, sync=sync
        )
    return EmbeddedIndex.create(
        path, identity, exist_ok=exist_ok, key=key, verify_only=verify_only, sync=sync
    )
