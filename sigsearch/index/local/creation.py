"""Laying out a new index folder, where nothing of an index is."""

from __future__ import annotations

import os
from pathlib import Path

from sigsearch.errors import IndexFault
from sigsearch.index.care.shredding import erase_folder
from sigsearch.index.local.contents import MANIFEST, SPARE, WRITER_LOCK, foreign, is_plain, left
from sigsearch.index.local.files import named_faults, sync_folder
from sigsearch.index.local.folder import Folder
from sigsearch.index.local.ledger import Ledger
from sigsearch.index.local.locks import WriterLock
from sigsearch.index.local.manifest import FORMAT, missing, write_manifest
from sigsearch.index.local.opening import named_store_faults, open_store
from sigsearch.index.local.rights import OWN_FOLDER
from sigsearch.index.local.sealing import new_sealing, seal_of
from sigsearch.index.records import EncoderIdentity
from sigsearch.index.seals.checksum import Seal

_FIRST = "store-1"


def create_store(
    root: Path, identity: EncoderIdentity, key: bytes | None = None, *, verify_only: bool = False,
    exist_ok: bool = False,
) -> None:  # fmt: skip
    """Lay out an empty index; until its manifest stands there is no index, only a folder.

    With a `key` of 32 bytes all records are encrypted; see `secrecy` for `verify_only`. With
    `exist_ok` a manifest that is there already is left alone.

    Raises:
        IndexFault: there is an index already; IndexCorrupt: there is something of one.
    """
    if _is_made(root, exist_ok):
        return
    with named_faults(root):
        root.mkdir(OWN_FOLDER, parents=True, exist_ok=True)
    with WriterLock(root / WRITER_LOCK).held(wait=5.0):
        if _is_made(root, exist_ok):  # by another process, just now
            return
        sealing = new_sealing(key, verify_only=verify_only)
        with named_faults(root):
            erase_folder(root, _FIRST)  # left by a creation that was cut short
            with Folder.at(root) as folder:
                folder.mkdir(_FIRST)
                with folder.inner(_FIRST) as first:
                    first.write(SPARE, b"")
            _fill(root / _FIRST, identity, seal_of(sealing, key, root))
            sync_folder(root / _FIRST)
            sync_folder(root)
            write_manifest(root, {"format": FORMAT, "store": _FIRST, "sealing": sealing})
            (root / _FIRST / SPARE).unlink()


def _is_made(root: Path, exist_ok: bool) -> bool:
    """Whether there is a manifest that may be there; raises IndexFault if something else is."""
    if os.path.lexists(root / MANIFEST):
        if exist_ok:
            return True
        raise IndexFault(
            f"{root} already holds an index; open it or choose another folder, and if it does not "
            f"open try `sigsearch index repair --index {root}`"
        )
    with named_faults(root):
        if not _is_free(root):
            raise missing(root)
    return False


def _is_free(root: Path) -> bool:
    """Whether nothing of an index is there, or only what a creation leaves that is cut short."""
    found = set(left(root)) - {f"{MANIFEST}.new"}
    if found != {_FIRST}:
        return not found
    begun = is_plain(root / _FIRST / SPARE) or not any((root / _FIRST).iterdir())
    return begun and not any(name.startswith(f"{_FIRST}/") for name in foreign(root))


def _fill(folder: Path, identity: EncoderIdentity, seal: Seal) -> None:
    with (
        named_store_faults(folder),
        open_store(folder) as env,
        env.begin(write=True) as transaction,
    ):
        Ledger(transaction, seal, writing=True).begin(identity)
