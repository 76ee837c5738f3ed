"""Where an index is opened or made, whatever keeps it."""

from __future__ import annotations

from pathlib import Path

from sigsearch.index.embedded import EmbeddedIndex
from sigsearch.index.index import Index
from sigsearch.index.records import EncoderIdentity
from sigsearch.schema import Sync


def open_index(
    path: Path | str, identity: EncoderIdentity | None = None, key: bytes | None = None,
    read_only: bool = False,
) -> Index:  # fmt: skip
    """The index at `path`; `key` (32 bytes) is that of an encrypted one.

    Raises:
        IndexMissing, IndexCorrupt, IndexLocked; EncoderMismatch: not made by `identity`.
    """
    return EmbeddedIndex.open(path, identity=identity, key=key, read_only=read_only)


def create_index(
    path: Path | str, identity: EncoderIdentity, key: bytes | None = None, *,
    exist_ok: bool = False, verify_only: bool = False, sync: Sync = "full",
) -> Index:  # fmt: skip
    """An empty index at `path`, encrypted if there is a `key`; with `exist_ok` one that is there
    already is opened.

    Raises:
        IndexFault: there is one already, or what is left of one; EncoderMismatch.
    """
    return EmbeddedIndex.create(
        path, identity, exist_ok=exist_ok, key=key, verify_only=verify_only, sync=sync
    )
