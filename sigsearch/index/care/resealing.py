"""The records of an index under another seal, in a new store: for a new key, or a new format.

After that, older copies of the files tell nothing to who has the new key only. So the former key is
all that must be destroyed once somebody is erased.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sigsearch.errors import IndexFault, IndexLocked
from sigsearch.index.care.compaction import erase_strays, replace_store, retire
from sigsearch.index.care.decision_log import DecisionLog
from sigsearch.index.local.layout import (
    NOTHING,
    LogEnd,
    key_number,
    unpack_reference,
    unpack_writer,
)
from sigsearch.index.local.ledger import Ledger
from sigsearch.index.local.manifest import read_manifest
from sigsearch.index.local.opening import named_store_faults, open_store
from sigsearch.index.local.sealing import must_be_a_key, seal_of, sealing_under
from sigsearch.index.local.store import Store
from sigsearch.index.local.tables import TAGS
from sigsearch.index.local.writer_index import WriterIndex
from sigsearch.index.seals.checksum import Seal
from sigsearch.index.search.snapshot import build_lock, drop_snapshot

if TYPE_CHECKING:
    import lmdb

    from sigsearch.index.seals.keys import Lasting

_BATCH = 20_000
_ROOM = 1 << 26
_LINKS = {TAGS[name] for name in ("names", "members", "hashes", "facets")}


def rekey(index: WriterIndex, key: bytes, *, patience: float = 10.0) -> bool:
    """Seal all records of an encrypted index by another key, which alone opens it from then on;
    whether the former files were overwritten. The caller has written the key to a file before.

    Raises:
        IndexLocked, IndexFault: the index does not take this key. IndexBusy, IndexFull: it has its
        former key.
    """
    with build_lock(index.path).held(index.store.wait), index.writing():
        must_take(index.store, key)
        index.drop_cache()
        overwritten = drop_snapshot(index.path)
        return reseal_with(index, key, patience=patience) and overwritten


def reseal_with(index: WriterIndex, key: bytes, *, patience: float) -> bool:
    """`rekey`, by who holds the locks of writing and building and has dropped the search
    structure. A kill leaves an index that one of the two keys opens."""
    store, root = index.store, index.path
    lasting = must_take(store, key)
    DecisionLog(index).reseal()
    if not store.seal.verify_only:  # else nobody has the names to make digests of
        lasting = lasting.with_fresh_digests()
    sealing = sealing_under(read_manifest(root)["sealing"], key, lasting)
    store.learn(key)
    words, seal = {"sealing": sealing}, seal_of(sealing, key, root)
    overwritten = replace_seal(store, words, seal, store.state().log, patience)
    return erase_strays(store, patience) and overwritten


def must_take(store: Store, key: bytes) -> Lasting:
    """The keys that stay when an index gets a new one.

    Raises:
        IndexLocked: it is not encrypted, has this key already, or that is none.
        IndexFault: it is of format 1.
    """
    must_be_a_key(key)
    root, lasting = store.environment.root, store.seal.lasting()
    if store.state().log is None:
        raise IndexFault(f"{root} has format 1; run `sigsearch index migrate` first")
    if store.opens_with(key):
        raise IndexLocked(f"{root} has this key already; a new one is needed")
    return lasting


def replace_seal(
    store: Store, words: dict[str, Any], seal: Seal, end: LogEnd | None, patience: float = 10.0
) -> bool:
    """Put all records under this seal, of which the manifest then says these `words`; whether the
    former files were overwritten. Nobody else writes meanwhile."""

    def fill(folder: Path) -> None:
        size = (store.environment.folder() / "data.mdb").stat().st_size
        with named_store_faults(folder), open_store(folder, map_size=4 * size + _ROOM) as target:
            store.read(lambda source: _reseal(source, target, seal, end))

    old = replace_store(store.environment, fill, words)
    store.state()  # by the new seal from now on
    return retire(store.environment.root, old, patience)


def _reseal(source: Ledger, target: lmdb.Environment, seal: Seal, end: LogEnd | None) -> None:
    """Links are made anew, since the new seal has other digests; but not where no name is known."""
    relinked = not seal.verify_only
    records = (one for one in source.whole() if not (relinked and one[0][:1] in _LINKS))
    while batch := list(islice(records, _BATCH)):
        with target.begin(write=True) as transaction:
            ledger = Ledger(transaction, seal, writing=True)
            for key, payload in batch:
                ledger.put_whole(key, payload)
                if relinked:
                    _link(ledger, key, payload)
    state = source.state()
    for _ in range(2):  # once for each of LMDB's meta pages
        with target.begin(write=True) as transaction:
            ledger = Ledger(transaction, seal, writing=True)
            state = ledger.commit_change(replace(state, log=end))


def _link(ledger: Ledger, key: bytes, payload: bytes) -> None:
    if key[:1] == TAGS["writers"]:
        ledger.put_name(key_number(key[1:]), unpack_writer(payload).name)
    elif key[:1] == TAGS["references"]:
        writer_id, reference = unpack_reference("", NOTHING, b"", payload)
        ledger.link(key[1:], writer_id, reference)
