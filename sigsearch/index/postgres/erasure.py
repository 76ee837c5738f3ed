"""Forgetting a writer in a database, and a receipt that says what may still be elsewhere."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Protocol

from sigsearch.errors import ErasureIncomplete, ErasureRefused, IndexFault
from sigsearch.index import operations
from sigsearch.index.index import Index
from sigsearch.index.local.files import replacing, sealed_document
from sigsearch.index.postgres.ledger import PostgresLedger
from sigsearch.index.postgres.renewal import EVERY
from sigsearch.index.postgres.store import PostgresStore
from sigsearch.index.results import Receipt
from sigsearch.index.search.snapshot import build_lock, drop_snapshot

_BEGUN = "the erasure was begun, and nothing is known of its end"
_ROWS = "the blocks that held the rows: VACUUM made them free for use, which overwrites nothing"
_CACHES = (
    f"memory and cache folders of other processes and machines: where the index is open, files are "
    f"deleted within {EVERY / 60:.0f} minutes, and memory when the structure is built anew, which "
    "begins then; elsewhere files are deleted when the index is next opened there"
)
_WAL = (
    "the write-ahead log on the server, until checkpoints recycle it (max_wal_size {max_wal_size}"
)
_BACKUPS = (
    "base backups, dumps, exports and snapshots, until whoever keeps them deletes them; restoring "
    "one brings the writer back"
)
_FACTS = (
    "SELECT current_setting('max_wal_size'), current_setting('wal_keep_size'), "
    "current_setting('archive_mode'), (SELECT count(*) FROM pg_stat_replication), "
    "(SELECT count(*) FROM pg_replication_slots)"
)


class Erasable(Index, Protocol):
    """The index, which an erasure asks for more than the door has."""

    store: PostgresStore

    def drop_cache(self) -> None: ...


def erase(index: Erasable, writer: str, receipt: Path | None, new_key: bytes | None) -> Receipt:
    """Forget a writer, let VACUUM free the rows, and drop this machine's search structure.

    Raises:
        WriterUnknown, IndexBusy; ErasureRefused: a new key is for indexes in folders; IndexFault:
        no receipt can be written. Nothing was forgotten then.
        ErasureIncomplete: the writer is forgotten, but the rest was not done.
    """
    if new_key is not None:
        raise ErasureRefused(
            "an index in a database cannot get a new key; copy it to a new index with another key "
            "(`sigsearch index copy`), then destroy the old index and its key"
        )
    with index.writing():
        begun = Receipt(
            writer=writer,
            reference_count=len(index.references(writer)),
            generation=index.state().generation,
            erased_at=_now(),
            overwritten=False,
            pieces={},
            shared=0,
            too_short=0,
            files=(),
            not_shown=_not_shown(index),
            incomplete=_BEGUN,
        )
        _keep(receipt, begun)
        try:
            index.store.change(lambda ledger: _forget(ledger, writer))
        except Exception as fault:
            with suppress(IndexFault):
                _keep(receipt, replace(begun, incomplete=f"nothing was forgotten: {fault}"))
            raise
    done = replace(begun, generation=index.state().generation, erased_at=_now(), incomplete=None)
    try:
        index.compact()
        _drop_structure(index)
        _keep(receipt, done)
    except IndexFault as fault:
        told = f"{fault}; mend that and run `sigsearch index compact`"
        left = replace(done, incomplete=told).sealed()
        with suppress(IndexFault):
            _keep(receipt, left)
        raise ErasureIncomplete(f"{writer!r} is forgotten, but {told}", left.to_dict()) from fault
    return done.sealed()


def _forget(ledger: PostgresLedger, writer: str) -> None:
    operations.forget(ledger, writer)
    ledger.mark_erasure()


def _drop_structure(index: Erasable) -> None:
    index.drop_cache()
    root = index.store.environment.root
    if index.store.address.cache is not None:
        with build_lock(root).held(index.store.wait):
            drop_snapshot(root)


def _not_shown(index: Erasable) -> tuple[str, ...]:
    """What still holds the records, and until when, as the server has been told."""
    ((size, kept, archive, standbys, slots),) = index.store.read(_facts)
    wal = _WAL.format(max_wal_size=size) + f", wal_keep_size {kept}, {slots} replication slots)"
    places = [_ROWS, wal]
    if archive != "off":
        places.append(
            f"the archived write-ahead log (archive_mode is {archive}), until the archive's rule "
            "deletes it"
        )
    if standbys:
        places.append(f"the write-ahead logs of {standbys} standbys, likewise")
    return (*places, _CACHES, _BACKUPS)


def _facts(ledger: PostgresLedger) -> list[tuple[str, str, str, int, int]]:
    return [(size, kept, archive, standbys, slots)
            for size, kept, archive, standbys, slots in ledger.ask(_FACTS)]  # fmt: skip


def _keep(path: Path | None, receipt: Receipt) -> None:
    if path:
        with replacing(path) as beside:
            beside.write_bytes(sealed_document(receipt.sealed().to_dict()))


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="seconds")
