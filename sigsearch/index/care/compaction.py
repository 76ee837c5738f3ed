"""A new store in place of the old one: written beside, named in the manifest, the old erased."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sigsearch.errors import IndexBusy, IndexFault
from sigsearch.index.care.lineage import is_superseded
from sigsearch.index.care.shredding import erase_folder, wait_for_readers
from sigsearch.index.local.contents import SPARE, next_store, stores
from sigsearch.index.local.environment import Environment
from sigsearch.index.local.files import named_faults, sync_folder
from sigsearch.index.local.folder import Folder
from sigsearch.index.local.manifest import read_manifest, write_manifest
from sigsearch.index.local.rights import share_alike
from sigsearch.index.local.store import Store

_NOTHING_ELSE: Mapping[str, Any] = MappingProxyType({})


def compact(store: Store, *, patience: float = 10.0) -> bool:
    """Rewrite the store with what is alive only; everybody reads on meanwhile.

    Returns whether the old files were overwritten with zeros before they were unlinked;
    False if a reader held on to them for more than `patience` seconds.
    """
    with store.environment.lock.held(store.wait):
        old = replace_store(store.environment, lambda folder: _copy(store, folder))
        overwritten = retire(store.environment.root, old, patience)
        return erase_strays(store, patience) and overwritten


def replace_store(
    environment: Environment, fill: Callable[[Path], None], words: Mapping[str, Any] = _NOTHING_ELSE
) -> str:
    """Make the folder that `fill` fills the current store, of which the manifest says these other
    `words`; the name of the former one.

    The caller holds the writer lock. Until the manifest is swapped this has done nothing, and
    the new folder is marked as spare; from then on the old one is. Whatever a kill or an
    interrupt leaves of either, the next compaction erases.
    """
    environment.settle()
    root, old = environment.root, environment.folder().name
    new = next_store(root)
    with drafted_store(root, new):
        fill(root / new)
        with _let_go(root, old) if "sealing" in words else nullcontext():
            name_store(root, {**read_manifest(root), **words}, new)
    environment.settle()
    mark_spare(root, old)
    return old


@contextmanager
def _let_go(root: Path, old: str) -> Iterator[None]:
    """Mark a store as spare just before it is: under its successor's seal nobody could tell."""
    mark_spare(root, old)
    try:
        yield
    except BaseException:
        with suppress(IndexFault, OSError):
            if read_manifest(root)["store"] == old:
                (root / old / SPARE).unlink(missing_ok=True)
        raise


@contextmanager
def drafted_store(root: Path, name: str) -> Iterator[None]:
    """A folder for a new store, marked as spare; it goes again if the manifest does not come to
    name it."""
    try:
        with named_faults(root / name), Folder.at(root) as folder:
            folder.mkdir(name)
            folder.sync()
        mark_spare(root, name)
        yield
    except BaseException:
        with suppress(IndexFault, OSError):
            if read_manifest(root)["store"] != name:
                erase_folder(root, name)
        raise


def name_store(root: Path, manifest: dict[str, Any], new: str) -> None:
    """Swap in a manifest that names a store, once all of that is on disk."""
    with named_faults(root / new):
        share_alike(root, new)
        sync_folder(root / new)
    write_manifest(root, {**manifest, "store": new})


def mark_spare(root: Path, name: str) -> None:
    """Mark a store as holding nothing that is not in another one."""
    with named_faults(root / name), Folder.at(root) as top, top.inner(name) as folder:
        folder.write(SPARE, b"")
        folder.sync()


def strays(root: Path) -> list[str]:
    """Names of the stores that the manifest does not name: what a kill in the middle of a move
    left, or somebody put there."""
    current = read_manifest(root)["store"]
    return [name for name in stores(root) if name != current]


def unproven_strays(store: Store) -> list[str]:
    """Those of the strays that may hold something that the current store does not."""
    root = store.environment.root
    return [name for name in strays(root) if not _is_superseded(store, name)]


def erase_strays(store: Store, patience: float) -> bool:
    """Erase stores that are known to be superseded; others stay as they are. Returns whether all
    that went was overwritten."""
    root = store.environment.root
    overwritten = True
    for name in strays(root):
        if _is_superseded(store, name):
            overwritten &= retire(root, name, patience)
    return overwritten


def _is_superseded(store: Store, name: str) -> bool:
    folder = store.environment.root / name
    return store.read(lambda ledger: is_superseded(folder, store.seal, ledger))


def _copy(store: Store, folder: Path) -> None:
    store.environment.copy(folder)
    copied = store.renumber(folder)
    if store.state().token != copied.token:
        raise IndexBusy(
            f"{store.environment.root} was written to while it was copied, in spite of the writer "
            "lock; nothing was changed: try again"
        )


def retire(root: Path, name: str, patience: float) -> bool:
    """Erase a store; its files are only unlinked if a reader does not let go of them."""
    with named_faults(root / name):
        unused = wait_for_readers(root / name, patience)
        return erase_folder(root, name, overwrite=unused)
