"""A new store in place of the old one: written beside, named in the manifest, the old erased."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from sigsearch.index.care.erasure import shred_folder, unlink_folder, wait_for_readers
from sigsearch.index.environment import Environment
from sigsearch.index.files import named_faults, sync_folder
from sigsearch.index.manifest import read_manifest, write_manifest
from sigsearch.index.store import Store

PREFIX = "store-"


def compact(store: Store, *, patience: float = 10.0) -> bool:
    """Rewrite the store with what is alive only; everybody reads on meanwhile.

    Returns whether the old files were overwritten with zeros before they were unlinked;
    False if a reader held on to them for more than `patience` seconds.
    """
    environment = store.environment
    with environment.lock.held(store.wait):
        overwritten = replace_store(
            environment, lambda folder: _copy(store, folder), patience=patience
        )
        return erase_strays(environment.root, patience) and overwritten


def replace_store(
    environment: Environment, fill: Callable[[Path], None], *, patience: float
) -> bool:
    """Make the folder that `fill` fills the current store, and erase the former one.

    The caller holds the writer lock. Killed before the manifest is swapped this has done
    nothing, after it all but the erasing, which `erase_strays` does later.
    """
    root, old = environment.root, environment.folder()
    new = root / f"{PREFIX}{int(old.name.removeprefix(PREFIX)) + 1}"
    with named_faults(new):
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir()
        fill(new)
        sync_folder(new)
        sync_folder(root)
    write_manifest(root, {**read_manifest(root), "store": new.name})
    environment.refresh()
    return _retire(old, patience)


def strays(root: Path) -> list[Path]:
    """Stores that the manifest does not name: what a kill in the middle of a move left."""
    current = read_manifest(root)["store"]
    return [one for one in root.glob(PREFIX + "*") if one.is_dir() and one.name != current]


def erase_strays(root: Path, patience: float) -> bool:
    retired = [_retire(stray, patience) for stray in strays(root)]
    return all(retired)


def _copy(store: Store, folder: Path) -> None:
    store.environment.copy(folder)
    store.renumber(folder)


def _retire(folder: Path, patience: float) -> bool:
    """Erase a store; its files are only unlinked if a reader does not let go of them."""
    unused = not (folder / "data.mdb").exists() or wait_for_readers(folder, patience)
    if unused:
        return shred_folder(folder)
    unlink_folder(folder)
    return False
