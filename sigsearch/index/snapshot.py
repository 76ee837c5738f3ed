"""The search structure on disk: written beside, hashed, swapped in, trusted only by its hash."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

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
from sigsearch.index.seal import Seal
from sigsearch.index.shelf import flush, shelf_in

MANIFEST = "neighbours.json"
PREFIX = "neighbours-"


def write_snapshot(root: Path, seal: Seal, cache: Cache) -> None:
    """Replace the snapshot of the index folder; the caller holds the writer lock."""
    name = f"{PREFIX}{cache.state.generation}-{cache.state.token.hex()[:8]}"
    folder = root / name
    with named_faults(folder):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        shelf = shelf_in(folder, seal)
        cache.structure.snapshot(shelf)
        shelf.put_arrays("owners.npy", cache.owners)
        flush(folder)
        sync_folder(folder)
    write_document(
        root / MANIFEST,
        {
            "folder": name,
            "kind": cache.structure.kind,
            "state": cache.state.pack().hex(),
            "sha256": {file.name: file_sha256(file) for file in sorted(folder.iterdir())},
        },
    )
    for other in root.glob(PREFIX + "*"):
        if other.is_dir() and other.name != name:
            shutil.rmtree(other, ignore_errors=True)


def read_snapshot(root: Path, seal: Seal, *, whole: bool = False) -> Cache | None:
    """The snapshot as a cache, or None if there is none.

    Mapped files, which check themselves as they are used, are hashed only if `whole`.

    Raises:
        IndexCorrupt: a file is not what was written; the caller rebuilds from the store.
    """
    manifest = _manifest(root)
    if manifest is None:
        return None
    folder = root / manifest["folder"]
    try:
        for file, expected in manifest["sha256"].items():
            if (whole or not file.endswith(".mapped")) and file_sha256(folder / file) != expected:
                raise IndexCorrupt(f"{folder / file} does not match its hash")
        shelf = shelf_in(folder, seal)
        structure = load_structure(manifest["kind"], shelf)
        (owners,) = shelf.arrays("owners.npy")
    except FileNotFoundError:
        return None  # another process has just put a newer one in place
    return Cache(structure, owners, State.unpack(bytes.fromhex(manifest["state"])))


def snapshot_state(root: Path) -> State | None:
    """Of which state of the store the snapshot is, without reading it."""
    try:
        manifest = _manifest(root)
    except IndexCorrupt:
        return None
    return State.unpack(bytes.fromhex(manifest["state"])) if manifest else None


def drop_snapshot(root: Path) -> bool:
    """Erase the snapshot; the next one is built from the store. Needs the writer lock.

    Returns whether it was overwritten; a part that another process has mapped is not.
    """
    with named_faults(root):
        (root / MANIFEST).unlink(missing_ok=True)
        folders = [one for one in root.glob(PREFIX + "*") if one.is_dir()]
        overwritten = [shred_folder(one) for one in folders]
    return all(overwritten)


def _manifest(root: Path) -> dict[str, Any] | None:
    try:
        return read_document(root / MANIFEST)
    except FileNotFoundError:
        return None
