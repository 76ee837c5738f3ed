"""The search structure on disk: written beside, hashed, swapped in, trusted only by its hash."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np

from sigsearch.errors import IndexCorrupt
from sigsearch.index.cache import Cache
from sigsearch.index.care.erasure import shred_folder
from sigsearch.index.files import (
    file_sha256,
    named_faults,
    read_document,
    sync_folder,
    write_document,
)
from sigsearch.index.layout import State
from sigsearch.index.neighbours import load_structure

MANIFEST = "neighbours.json"
PREFIX = "neighbours-"
_FILES = ("structure", "owners.npy")


def write_snapshot(root: Path, cache: Cache) -> None:
    """Replace the snapshot of the index folder; the caller holds the writer lock."""
    name = f"{PREFIX}{cache.state.generation}-{cache.state.token.hex()[:8]}"
    folder = root / name
    with named_faults(folder):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        cache.structure.snapshot(folder / "structure")
        np.save(folder / "owners.npy", cache.owners, allow_pickle=False)
        for file in _FILES:
            _flush(folder / file)
        sync_folder(folder)
    write_document(
        root / MANIFEST,
        {
            "folder": name,
            "kind": cache.structure.kind,
            "state": cache.state.pack().hex(),
            "sha256": {file: file_sha256(folder / file) for file in _FILES},
        },
    )
    for other in root.glob(PREFIX + "*"):
        if other.is_dir() and other.name != name:
            shutil.rmtree(other, ignore_errors=True)


def read_snapshot(root: Path) -> Cache | None:
    """The snapshot as a cache, or None if there is none.

    Raises:
        IndexCorrupt: a file is not what was written; the caller rebuilds from the store.
    """
    try:
        manifest = read_document(root / MANIFEST)
        folder = root / manifest["folder"]
        for file in _FILES:
            if file_sha256(folder / file) != manifest["sha256"][file]:
                raise IndexCorrupt(f"{folder / file} does not match its hash")
        structure = load_structure(manifest["kind"], folder / "structure")
        owners = np.load(folder / "owners.npy", allow_pickle=False)
    except FileNotFoundError:
        return None  # none yet, or another process has just put a newer one in place
    return Cache(structure, owners, State.unpack(bytes.fromhex(manifest["state"])))


def drop_snapshot(root: Path) -> None:
    """Erase the snapshot; the next one is built from the store. Needs the writer lock."""
    with named_faults(root):
        (root / MANIFEST).unlink(missing_ok=True)
        for folder in root.glob(PREFIX + "*"):
            if folder.is_dir():
                shred_folder(folder)


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
