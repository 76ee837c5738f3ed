"""Writers, references, settings and changes as one transaction sees them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from sigsearch.errors import IndexCorrupt
from sigsearch.index.local.layout import (
    NOTHING,
    Change,
    LogEnd,
    Rows,
    State,
    key_number,
    number_key,
    pack_number,
    pack_reference,
    pack_vector,
    pack_writer,
    split_keys,
    unpack_identity,
    unpack_json,
    unpack_number,
    unpack_reference,
    unpack_references,
    unpack_rows,
    unpack_vector,
    unpack_writer,
)
from sigsearch.index.local.tables import TAGS, Tables
from sigsearch.index.records import EncoderIdentity, Reference, Vector, Writer
from sigsearch.index.seals.checksum import Seal

if TYPE_CHECKING:
    import lmdb

KEPT_CHANGES = 1 << 16  # a snapshot older than this many generations is rebuilt


class Ledger(Tables):
    """Records on one LMDB transaction. Ids are never given twice, so they order by age."""

    _state: State | None = None  # as this transaction sees it, once it was read

    @classmethod
    def opened(
        cls, transaction: lmdb.Transaction[bytes], seal: Seal, known: State | None = None,
        *, writing: bool = False,
    ) -> Ledger:  # fmt: skip
        """The ledger, once its state is known to be of the transaction that is seen.

        Every write rewrites the state with its transaction's number, so that a damaged page
        that leads into an old copy of the tree is found here. A `known` state of the transaction
        is not read again.
        """
        ledger = cls(transaction, seal, writing=writing)
        if known is not None and known.transaction == ledger.seen:
            ledger._state = known
            return ledger
        ledger._state = State.unpack(ledger.need("meta", b"state"))
        if ledger._state.transaction != ledger.seen:
            raise IndexCorrupt("the store leads to a state of another commit; try `index check`")
        return ledger

    # -- the index as a whole

    def state(self) -> State:
        if self._state is not None:
            return self._state
        return State.unpack(self.need("meta", b"state"))

    def identity(self) -> EncoderIdentity:
        return unpack_identity(self.need("meta", b"encoder"))

    def begin(self, identity: EncoderIdentity) -> None:
        """The first records of a new index."""
        self.put("meta", b"encoder", json.dumps(identity.to_dict()).encode())
        state = State(self.number, token=os.urandom(16), log=LogEnd())
        self.put("meta", b"state", state.pack())

    def commit_change(self, state: State, removed: tuple[int, ...] = ()) -> State:
        """Number this change and log it, so that a cache can follow."""
        state = replace(
            state,
            transaction=self.number,
            generation=state.generation + 1,
            token=os.urandom(16),
        )
        change = Change(state.token, state.next_reference, removed)
        self.put("changes", number_key(state.generation), change.pack())
        self.put("meta", b"state", state.pack())
        self._state = state
        if state.generation > KEPT_CHANGES:
            self.delete("changes", number_key(state.generation - KEPT_CHANGES))
        return state

    def end_log(self, end: LogEnd | None) -> None:
        """Say where the decision log ends; of the same generation, since no answer changes."""
        self._state = replace(self.state(), transaction=self.number, log=end)
        self.put("meta", b"state", self._state.pack())

    def change(self, generation: int) -> Change | None:
        packed = self.get("changes", number_key(generation))
        return None if packed is None else Change.unpack(packed)

    def follows(self, past: State) -> bool:
        """Whether a state is one of this store's own history, its present included."""
        change = self.change(past.generation)
        return change is not None and change.token == past.token

    def setting(self, name: str) -> dict[str, Any] | None:
        packed = self.get("settings", name.encode())
        return None if packed is None else unpack_json(packed)

    def put_setting(self, name: str, document: Mapping[str, Any]) -> None:
        body = json.dumps(dict(document), allow_nan=False, ensure_ascii=False)
        self.put("settings", name.encode(), body.encode())

    def settings(self) -> dict[str, dict[str, Any]]:
        return {key.decode(): unpack_json(body) for key, body in self.scan("settings")}

    # -- writers

    def of(self, name: str) -> Ledger:
        """The ledger with the writer's own seal: a verify-only index has one for each name."""
        seal = self._seal.of(name)
        return self if seal is self._seal else Ledger(self._transaction, seal)

    def writer_id(self, name: str) -> int | None:
        packed = self.get("names", self._seal.name_key(name))
        return None if packed is None else unpack_number(packed)

    def writer(self, writer_id: int) -> Writer:
        return unpack_writer(self.need("writers", number_key(writer_id)))

    def writers_of(self, writer_ids: list[int]) -> list[Writer]:
        return list(map(self.writer, writer_ids))

    def name(self, writer_id: int | None) -> str | None:
        """Of a writer who is still enrolled."""
        packed = None if writer_id is None else self.get("writers", number_key(writer_id))
        return None if packed is None else unpack_writer(packed).name

    def writers_from(self, writer_id: int) -> Iterator[tuple[int, Writer]]:
        for key, packed in self.scan("writers", number_key(writer_id)):
            yield key_number(key), unpack_writer(packed)

    def foresee(self, writers: Sequence[str]) -> None:
        """Each is looked up as quickly one by one."""

    def put_writer(self, writer_id: int, name: str, references: int) -> None:
        self.put("writers", number_key(writer_id), pack_writer(name, references))
        self.put_name(writer_id, name)

    def put_name(self, writer_id: int, name: str) -> None:
        self.put("names", self._seal.name_key(name), pack_number(writer_id))

    def drop_writer(self, writer_id: int, name: str) -> None:
        self.delete("writers", number_key(writer_id))
        self.delete("names", self._seal.name_key(name))

    # -- references

    def members(self, writer_id: int) -> list[int]:
        """Ids of a writer's references, oldest first."""
        return [key_number(key) for key in self.keys_under("members", number_key(writer_id))]

    def held_by(self, writer_id: int) -> list[bytes]:
        """The keys of a writer's references, oldest first, as many as the writer's record says;
        for the ledger with the writer's own seal."""
        keys = self.keys_under("members", number_key(writer_id))
        expected = self.writer(writer_id).reference_count
        if len(keys) != expected:
            raise IndexCorrupt(
                f"{len(keys)} of {expected} references of writer {writer_id} are listed; "
                "try `index check`"
            )
        return keys

    def references_of(self, name: str) -> list[Reference]:
        """All references of a writer, oldest first; empty for one who is not enrolled."""
        writer_id = self.writer_id(name)
        if writer_id is None:
            return []
        own = self.of(name)
        keys = own.held_by(writer_id)
        tables = (own.get_many(table, keys) for table in ("vectors", "locals", "references"))
        return unpack_references(name, *tables)

    def references_of_all(self, names: list[str]) -> list[list[Reference]]:
        return list(map(self.references_of, names))

    def enrolled(self) -> Iterator[tuple[int, Reference]]:
        """All references with their ids, writer by writer."""
        for writer_id, writer in self.writers_from(0):
            for number in self.members(writer_id):
                yield number, self.reference(number, writer.name)

    def by_age(self, start: int) -> Iterator[tuple[int, int, Reference]]:
        """Ids, writer ids and references, but for the writers' names, from id `start` on."""
        for key, packed in self.scan("references", number_key(start)):
            vector, local = self.vector(key_number(key))[1], self.need("locals", key)
            yield (key_number(key), *unpack_reference("", vector, local, packed))

    def reference(self, reference_id: int, writer: str) -> Reference:
        key = number_key(reference_id)
        vector, local = self.vector(reference_id)[1], self.need("locals", key)
        return unpack_reference(writer, vector, local, self.need("references", key))[1]

    def vector(self, reference_id: int) -> tuple[int, Vector]:
        """Writer id and vector of a reference."""
        return unpack_vector(self.need("vectors", number_key(reference_id)))

    def origin(self, reference_id: int) -> tuple[int, str]:
        """Writer id and content hash of a reference."""
        writer_id, reference = self._without_readings(number_key(reference_id))
        return writer_id, reference.content_hash

    def put_reference(self, reference_id: int, writer_id: int, reference: Reference) -> None:
        key = number_key(reference_id)
        self.put("references", key, pack_reference(writer_id, reference))
        self.put("vectors", key, pack_vector(writer_id, reference.vector))
        self.put("locals", key, reference.local)
        self.link(key, writer_id, reference)

    def link(self, key: bytes, writer_id: int, reference: Reference) -> None:
        """What leads to a reference."""
        self.put("members", number_key(writer_id) + key, b"")
        self.put("hashes", self._hash_key(reference.content_hash, writer_id), key)
        for name, value in self._facets(reference.metadata):
            self.put("facets", self._facet(name, value) + key, b"")

    def drop_reference(self, reference_id: int, writer_id: int) -> None:
        key = number_key(reference_id)
        _, reference = self._without_readings(key)
        for name, value in self._facets(reference.metadata):
            self.delete("facets", self._facet(name, value) + key)
        self.delete("hashes", self._hash_key(reference.content_hash, writer_id))
        self.delete("members", number_key(writer_id) + key)
        for table in ("references", "vectors", "locals"):
            self.delete(table, key)

    def has_hash(self, content_hash: str, writer_id: int) -> bool:
        return self.get("hashes", self._hash_key(content_hash, writer_id)) is not None

    def holders(self, content_hash: str) -> list[int]:
        """The writers for whom an image is enrolled."""
        prefix = self._hash_key(content_hash, 0)[:16]
        found = [key_number(key) for key in self.keys_under("hashes", prefix)]
        if not found:
            self._check_gap(TAGS["hashes"] + prefix)
        return found

    def vectors_from(self, reference_id: int, size: int = 8192) -> Iterator[Rows]:
        """Up to `size` rows at a time, in order of age."""
        for keys, joined in self.chunks("vectors", number_key(reference_id), size):
            ids = np.frombuffer(b"".join(keys), ">i8").astype(np.int64)
            yield unpack_rows(ids, joined)

    def sample(self, count: int) -> Rows:
        """About `count` rows, evenly over the ages; all if there are fewer."""
        highest = self.state().next_reference - 1
        chosen = np.unique(np.linspace(1, highest, min(count, highest)).astype(np.int64))
        keys, joined = self.sampled("vectors", split_keys(chosen))
        ids = np.frombuffer(b"".join(keys), ">i8").astype(np.int64)
        return unpack_rows(ids, joined)

    def vectors_of(self, ids: npt.NDArray[np.int64]) -> Rows:
        """The rows of given references; all must be there."""
        return unpack_rows(ids, b"".join(self.get_many("vectors", split_keys(ids))))

    def matching(self, where: Mapping[str, str]) -> npt.NDArray[np.int64]:
        """Ids of references whose metadata has all these values."""
        found: npt.NDArray[np.int64] | None = None
        for name, value in where.items():
            prefix = self._facet(name, value)
            keys = b"".join(self.keys_under("facets", prefix))
            ids = np.frombuffer(keys, ">i8").astype(np.int64)
            found = ids if found is None else np.intersect1d(found, ids)
        return np.zeros(0, np.int64) if found is None else found

    def _without_readings(self, key: bytes) -> tuple[int, Reference]:
        return unpack_reference("", NOTHING, b"", self.need("references", key))

    def _facets(self, metadata: Mapping[str, str]) -> Iterable[tuple[str, str]]:
        """What filters can ask for; a verify-only index cannot be filtered."""
        return () if self._seal.verify_only else metadata.items()

    def _facet(self, name: str, value: str) -> bytes:
        return self._seal.digest(f"{name}\0{value}".encode())

    def _hash_key(self, content_hash: str, writer_id: int) -> bytes:
        return self._seal.digest(bytes.fromhex(content_hash)) + number_key(writer_id)
