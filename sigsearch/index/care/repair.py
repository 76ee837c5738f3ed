"""Saves what is sound of a damaged index into a new store; says what could not be saved."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from sigsearch.errors import IndexFault, IndexMissing, VerifyOnly
from sigsearch.index.care.salvage import Salvage, Saved
from sigsearch.index.files import named_faults, sync_folder
from sigsearch.index.layout import State
from sigsearch.index.ledger import Ledger
from sigsearch.index.locks import WriterLock
from sigsearch.index.manifest import COPY, FORMAT, MANIFEST, read_manifest, write_manifest
from sigsearch.index.seal import Seal
from sigsearch.index.sealing import new_sealing, seal_of
from sigsearch.index.snapshot import build_lock, drop_snapshot
from sigsearch.index.tables import Tables

_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Repair:
    """What was saved, and the damaged records (as table and number) that were not.

    The damaged store is kept in `kept` until somebody deletes it.
    """

    path: str
    writers: int
    references: int
    lost: tuple[str, ...]
    kept: str

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "lost": list(self.lost)}


def repair_index(path: Path | str, key: bytes | None = None, *, wait: float = 10.0) -> Repair:
    """Rebuild an index from its sound records; names, hashes, counts and links follow from them.

    A reference is saved if its origin, vector, tokens and writer's name are sound. Close the
    index everywhere else before.

    Raises:
        IndexMissing: nothing that looks like a store; IndexCorrupt: the encoder record is lost.
    """
    root = Path(path)
    if not root.is_dir():
        raise IndexMissing(f"there is no index at {root}")
    with build_lock(root).held(wait), WriterLock(root / "writer.lock").held(wait):
        old, manifest = _damaged_store(root)
        seal = seal_of(manifest["sealing"], key, root)
        if seal.verify_only:
            raise VerifyOnly(f"{root} is a verify-only index: nobody can read all its records")
        kept = root / f"damaged-{old.name}"
        with named_faults(kept):
            shutil.rmtree(kept, ignore_errors=True)
            shutil.copytree(old, kept)
        new = root / f"store-{int(old.name.removeprefix('store-')) + 1}"
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir()
        state, lost = _rebuild(old, new, seal)
        sync_folder(new)
        write_manifest(root, {**manifest, "store": new.name})
        drop_snapshot(root)
        shutil.rmtree(old)
    return Repair(str(root), state.writers, state.references, tuple(lost), kept.name)


def _damaged_store(root: Path) -> tuple[Path, dict[str, Any]]:
    """The store to save from, and the manifest to go on with."""
    for name in (MANIFEST, COPY):
        with suppress(IndexFault):
            manifest = read_manifest(root, name)
            return root / str(manifest["store"]), manifest
    stores = [one for one in root.glob("store-*") if (one / "data.mdb").is_file()]
    if not stores:
        raise IndexMissing(f"{root} holds no store to repair")
    newest = max(stores, key=lambda one: int(one.name.removeprefix("store-")))
    return newest, {"format": FORMAT, "sealing": new_sealing(None, verify_only=False)}


def _rebuild(old: Path, new: Path, seal: Seal) -> tuple[State, list[str]]:
    import lmdb

    size = (old / "data.mdb").stat().st_size
    with (
        lmdb.open(os.fspath(old), readonly=True, lock=False, map_size=size) as source,
        source.begin() as reading,
        lmdb.open(os.fspath(new), map_size=4 * size + (1 << 26)) as target,
    ):
        salvage = Salvage(Tables(reading), seal)
        saved = iter(salvage.references())
        state = salvage.state
        fresh = replace(state, references=0, writers=0)
        with target.begin(write=True) as writing:
            ledger = Ledger(Tables(writing, writing=True), seal)
            ledger.begin(salvage.identity())
            for name, document in salvage.settings():
                ledger.put_setting(name, document)
            fresh = ledger.commit_change(fresh)
        while batch := list(islice(saved, _BATCH)):
            with target.begin(write=True) as writing:
                ledger = Ledger(Tables(writing, writing=True), seal)
                fresh = ledger.commit_change(_put(ledger, fresh, batch))
    missing = state.references - fresh.references - salvage.damaged
    if missing > 0:
        salvage.lost.append(f"{missing} references that could not be found")
    return fresh, salvage.lost


def _put(ledger: Ledger, state: State, batch: list[Saved]) -> State:
    for number, writer_id, reference in batch:
        ledger.put_reference(number, writer_id, reference)
        known = ledger.writer_id(reference.writer)
        held = ledger.writer(writer_id).references if known else 0
        ledger.put_writer(writer_id, reference.writer, held + 1)
        state = replace(
            state, references=state.references + 1, writers=state.writers + (known is None)
        )
    return state
