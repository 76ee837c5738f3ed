"""The search structure on disk: written beside, hashed, swapped in, trusted only by its hash."""

from __future__ import annotations

import json
import os
import struct
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sigsearch.errors import IndexCorrupt, IndexFault, SnapshotDamaged
from sigsearch.index.care.shredding import erase_folder
from sigsearch.index.keeping import Keeper
from sigsearch.index.local.contents import (
    BUILD_LOCK,
    files_of,
    is_plain,
    is_plain_folder,
    is_plain_or_absent,
    is_snapshot,
    snapshots,
)
from sigsearch.index.local.contents import NEIGHBOURS as MANIFEST
from sigsearch.index.local.files import (
    file_sha256,
    named_faults,
    read_document,
    sync_folder,
    write_document,
)
from sigsearch.index.local.layout import State
from sigsearch.index.local.locks import WriterLock, hold
from sigsearch.index.local.rights import OWN_FOLDER, share_alike
from sigsearch.index.local.store import rows_below
from sigsearch.index.seals.checksum import Seal
from sigsearch.index.search.cache import Cache
from sigsearch.index.search.shelf import flush, shelf_in
from sigsearch.index.search.structures.choice import load_structure
from sigsearch.index.search.structures.protocol import FLAT, NUMPY
from sigsearch.index.search.structures.vectors import Originals


@dataclass(frozen=True, slots=True)
class Draft:
    """A snapshot on disk, and the manifest that will make it known."""

    folder: Path
    manifest: dict[str, Any]


def build_lock(root: Path) -> WriterLock:
    """Held while a snapshot is built or erased, before the writer lock is asked for.

    Writing goes on while a snapshot is built, but an erasure must not: what it erases could
    still be on its way into the snapshot.
    """
    return WriterLock(root / BUILD_LOCK, "rebuilt")


def lay_out(store: Keeper, cache: Cache) -> Draft:
    """Write a snapshot that nobody knows of yet; the caller holds the build lock."""
    root = store.environment.root
    folder = root / f"neighbours-{cache.state.generation}-{os.urandom(4).hex()}"
    try:
        return _laid_out(folder, store, cache)
    except BaseException:
        with suppress(IndexFault, OSError):
            erase_folder(root, folder.name)
        raise


def _laid_out(folder: Path, store: Keeper, cache: Cache) -> Draft:
    root, end = folder.parent, cache.state.next_reference
    with named_faults(folder):
        folder.mkdir(OWN_FOLDER)
        shelf = shelf_in(folder, store.seal)
        cache.structure.snapshot(shelf)
        shelf.put_arrays("owners.npy", cache.owners.astype(np.int64))
        if cache.structure.approximate and shelf.mappable:
            rows = rows_below(store, end)
            Originals.write(shelf, rows, end - 1, store.identity.dimensions)
        share_alike(root, folder.name)
        flush(folder)
        sync_folder(folder)
        hashes = {file.name: file_sha256(file) for file in sorted(folder.iterdir())}
    return Draft(
        folder,
        {
            "folder": folder.name,
            "kind": cache.structure.kind,
            "state": cache.state.pack().hex(),
            "sha256": hashes,
        },
    )


def publish(draft: Draft) -> None:
    """Put a snapshot in the place of the former one; the caller holds both locks."""
    root = draft.folder.parent
    write_document(root / MANIFEST, draft.manifest)
    for other in snapshots(root):
        if other != draft.folder.name:
            with suppress(IndexFault, OSError):
                erase_folder(root, other)


def read_snapshot(root: Path, seal: Seal, *, whole: bool = False) -> Cache | None:
    """The snapshot as a cache, or None if there is none.

    Mapped files, which check themselves as they are used, are hashed only if `whole`.

    Raises:
        IndexCorrupt: a file is not what was written; the caller rebuilds from the store.
    """
    manifest = _manifest(root)
    if manifest is None:
        return None
    folder = _folder(root, manifest)
    with ExitStack() as held:
        return _read(folder, manifest, seal, whole, held)


def _read(
    folder: Path, manifest: dict[str, Any], seal: Seal, whole: bool, held: ExitStack
) -> Cache | None:
    """`read_snapshot`, with every file in use meanwhile, so that nobody overwrites it."""
    try:
        for file, expected in manifest["sha256"].items():
            if file not in files_of(folder.name) or not is_plain_or_absent(folder / file):
                raise IndexCorrupt(f"{folder / file} is not the index's own")
            held.enter_context(hold(folder / file))
            if (whole or not file.endswith(".mapped")) and file_sha256(folder / file) != expected:
                raise IndexCorrupt(f"{folder / file} does not match its hash")
        shelf = shelf_in(folder, seal)
        structure = load_structure(manifest["kind"], shelf)
        (owners,) = shelf.arrays("owners.npy")
        mapped = structure.approximate and shelf.mappable
        originals = Originals.read(shelf) if mapped else None
    except FileNotFoundError:
        return None  # another process has just put a newer one in place
    except IndexFault:
        raise
    except Exception as fault:  # FAISS and NumPy say many things of a file that is none of theirs
        raise SnapshotDamaged(f"{folder} is not what was written ({_told(fault)})") from fault
    state = State.unpack(bytes.fromhex(manifest["state"]))
    if owners.dtype != np.int64 or owners.ndim != 1 or len(owners) < state.next_reference:
        raise SnapshotDamaged(f"{folder} does not name the writers of all its references")
    return Cache(structure, owners, state, originals, from_disk=True)


def _told(fault: Exception) -> str:
    return (str(fault).splitlines() or [""])[0][:200] or type(fault).__name__


def snapshot_state(root: Path) -> State | None:
    """Of which state of the store the snapshot is, without reading it."""
    try:
        manifest = _manifest(root)
    except IndexCorrupt:
        return None
    return State.unpack(bytes.fromhex(manifest["state"])) if manifest else None


def snapshot_facts(root: Path, seal: Seal) -> dict[str, Any]:
    """What the clusters of the snapshot say of themselves, without loading them; empty if there
    are none, or not as they were written."""
    from sigsearch.index.search.structures.clusters import FACTS

    try:
        manifest = _manifest(root)
        if manifest is None or manifest["kind"] in (NUMPY, FLAT):
            return {}
        folder = _folder(root, manifest)
        if file_sha256(folder / FACTS) != manifest["sha256"][FACTS]:
            return {}
        facts = json.loads(shelf_in(folder, seal).get(FACTS))
        return facts if isinstance(facts, dict) else {}
    except (OSError, IndexFault, ValueError, KeyError, TypeError, RecursionError):
        return {}  # replaced at this moment, or damaged: `index check` reports it


def drop_snapshot(root: Path) -> bool:
    """Erase the snapshot; the next one is built from the store. Needs both locks.

    Returns whether it was overwritten; a part that another process has mapped is not.
    """
    with named_faults(root):
        if is_plain(root / MANIFEST):
            (root / MANIFEST).unlink()
        overwritten = [erase_folder(root, one) for one in snapshots(root)]
    return all(overwritten)


def _folder(root: Path, manifest: dict[str, Any]) -> Path:
    """Where a snapshot lies; raises IndexCorrupt if that is no folder of the index's own."""
    folder = root / str(manifest["folder"])
    if not is_snapshot(str(manifest["folder"])) or (
        os.path.lexists(folder) and not is_plain_folder(folder)
    ):
        raise IndexCorrupt(f"{root / MANIFEST} names a folder that is not the index's own")
    return folder


def _manifest(root: Path) -> dict[str, Any] | None:
    try:
        manifest = read_document(root / MANIFEST)
    except FileNotFoundError:
        return None
    except (IndexFault, OSError) as fault:
        raise IndexCorrupt(str(fault)) from fault
    if not _is_described(manifest):
        raise IndexCorrupt(f"{root / MANIFEST} does not describe a search structure")
    return manifest


def _is_described(manifest: dict[str, Any]) -> bool:
    hashes = manifest.get("sha256")
    texts = [manifest.get(name) for name in ("folder", "kind", "state")]
    if not isinstance(hashes, dict) or not all(
        isinstance(text, str) for text in (*texts, *hashes.values())
    ):
        return False
    try:
        State.unpack(bytes.fromhex(str(manifest["state"])))
    except (ValueError, struct.error):
        return False
    return True
