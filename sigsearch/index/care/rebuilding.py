"""Puts the sound records of a damaged store into a new one."""

from __future__ import annotations

import os
from dataclasses import replace
from itertools import islice
from pathlib import Path

from sigsearch.errors import IndexCorrupt, IndexFull, IndexReadOnly
from sigsearch.index.care.salvage import Salvage, Saved
from sigsearch.index.local.layout import State
from sigsearch.index.local.ledger import Ledger
from sigsearch.index.local.opening import named_fault, open_store
from sigsearch.index.seals.checksum import Seal

_BATCH = 1000


def rebuild(old: Path, new: Path, seal: Seal) -> tuple[State, list[str]]:
    """Put what is sound of a store in a new one; its state, and what was lost.

    Raises:
        IndexCorrupt: nothing can be read of it, or not by which encoder it was made.
    """
    import lmdb

    size = (old / "data.mdb").stat().st_size
    try:
        return _rebuilt(old, new, seal, size)
    except lmdb.Error as error:
        fault = named_fault(error, new)
        if isinstance(fault, (IndexFull, IndexReadOnly)):  # of the new store, not of the old one
            raise fault from error
        raise IndexCorrupt(
            f"nothing can be read of {old} ({error}), and it was left as it is; if {old.parent} "
            "holds an older store, move this one away, and `index repair` takes that one"
        ) from error


def _rebuilt(old: Path, new: Path, seal: Seal, size: int) -> tuple[State, list[str]]:
    import lmdb

    with (
        lmdb.open(os.fspath(old), readonly=True, lock=False, map_size=size) as source,
        source.begin() as reading,
        open_store(new, map_size=4 * size + (1 << 26)) as target,
    ):
        salvage = Salvage(reading, seal)
        saved = iter(salvage.references())
        state = salvage.state
        fresh = replace(state, reference_count=0, writer_count=0)
        with target.begin(write=True) as writing:
            ledger = Ledger(writing, seal, writing=True)
            ledger.begin(salvage.identity())
            for name, document in salvage.settings():
                ledger.put_setting(name, document)
            fresh = ledger.commit_change(fresh)
        while batch := list(islice(saved, _BATCH)):
            with target.begin(write=True) as writing:
                ledger = Ledger(writing, seal, writing=True)
                fresh = ledger.commit_change(_put(ledger, fresh, batch))
    missing = salvage.expected - fresh.reference_count - salvage.damaged
    if missing > 0:
        salvage.lost.append(f"{missing} references that could not be found")
    return fresh, salvage.lost


def _put(ledger: Ledger, state: State, batch: list[Saved]) -> State:
    for number, writer_id, reference in batch:
        ledger.put_reference(number, writer_id, reference)
        known = ledger.writer_id(reference.writer)
        held = ledger.writer(writer_id).reference_count if known else 0
        ledger.put_writer(writer_id, reference.writer, held + 1)
        state = replace(
            state,
            reference_count=state.reference_count + 1,
            writer_count=state.writer_count + (known is None),
        )
    return state
