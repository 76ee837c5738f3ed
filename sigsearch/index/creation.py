"""Laying out a new index folder."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from sigsearch.errors import IndexFault
from sigsearch.index.files import named_faults, sync_folder
from sigsearch.index.ledger import Ledger
from sigsearch.index.locks import WriterLock
from sigsearch.index.manifest import FORMAT, MANIFEST, write_manifest
from sigsearch.index.records import EncoderIdentity
from sigsearch.index.seal import Seal
from sigsearch.index.sealing import new_sealing, seal_of
from sigsearch.index.tables import Tables


def create_store(
    root: Path, identity: EncoderIdentity, key: bytes | None = None, *, verify_only: bool = False
) -> None:
    """Lay out an empty index; until its manifest stands there is no index, only a folder.

    With a `key` of 32 bytes all records are encrypted; see `secrecy` for `verify_only`.

    Raises:
        IndexFault: there is an index already.
    """
    with named_faults(root):
        root.mkdir(parents=True, exist_ok=True)
    with WriterLock(root / "writer.lock").held(wait=5.0):
        if (root / MANIFEST).exists():
            raise IndexFault(f"{root} holds an index already; open it or choose another folder")
        sealing = new_sealing(key, verify_only=verify_only)
        folder = root / "store-1"
        with named_faults(root):
            if folder.exists():  # left by a creation that was cut short
                shutil.rmtree(folder)
            folder.mkdir()
            _fill(folder, identity, seal_of(sealing, key, root))
            sync_folder(folder)
            sync_folder(root)
        manifest = {"format": FORMAT, "store": folder.name, "sealing": sealing}
        write_manifest(root, manifest)


def _fill(folder: Path, identity: EncoderIdentity, seal: Seal) -> None:
    import lmdb

    with lmdb.open(os.fspath(folder)) as env, env.begin(write=True) as transaction:
        Ledger(Tables(transaction, writing=True), seal).begin(identity)
