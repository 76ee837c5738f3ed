"""Laying out a new index folder."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from sigsearch.errors import IndexFault
from sigsearch.index.files import named_faults, sync_folder, write_document
from sigsearch.index.ledger import Ledger
from sigsearch.index.locks import WriterLock
from sigsearch.index.manifest import FORMAT, MANIFEST
from sigsearch.index.records import EncoderIdentity
from sigsearch.index.seal import Seal
from sigsearch.index.tables import Tables


def create_store(root: Path, identity: EncoderIdentity) -> None:
    """Lay out an empty index; until its manifest stands there is no index, only a folder.

    Raises:
        IndexFault: there is an index already.
    """
    with named_faults(root):
        root.mkdir(parents=True, exist_ok=True)
    with WriterLock(root / "writer.lock").held(wait=5.0):
        if (root / MANIFEST).exists():
            raise IndexFault(f"{root} holds an index already; open it or choose another folder")
        folder = root / "store-1"
        with named_faults(root):
            if folder.exists():  # left by a creation that was cut short
                shutil.rmtree(folder)
            folder.mkdir()
            _fill(folder, identity)
            sync_folder(folder)
            sync_folder(root)
        write_document(root / MANIFEST, {"format": FORMAT, "store": folder.name})


def _fill(folder: Path, identity: EncoderIdentity) -> None:
    import lmdb

    with lmdb.open(os.fspath(folder)) as env, env.begin(write=True) as transaction:
        Ledger(Tables(transaction, writing=True), Seal()).begin(identity)
