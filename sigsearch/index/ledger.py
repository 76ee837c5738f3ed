"""The tables of one transaction, read and written as records: every value under its seal."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from sigsearch.errors import IndexCorrupt
from sigsearch.index.records import (
    Change,
    EncoderIdentity,
    Reference,
    State,
    Vector,
    Writer,
    key_number,
    number_key,
    pack_number,
    pack_reference,
    pack_vector,
    pack_writer,
    unpack_number,
    unpack_reference,
    unpack_vector,
    unpack_writer,
)
from sigsearch.index.seal import Seal
from sigsearch.index.tables import TAGS, Tables

KEPT_CHANGES = 1 << 16  # a snapshot older than this many generations is rebuilt


class Ledger:
    """Records on one LMDB transaction. Ids are never given twice, so they order by age."""

    def __init__(self, tables: Tables, seal: Seal) -> None:
        self._tables = tables
        self._seal = seal

    @classmethod
    def opened(cls, tables: Tables, seal: Seal) -> Ledger:
        """The ledger, once its state is known to be of the transaction that is seen.

        Every write rewrites the state with its transaction's number, so that a damaged page
        that leads into an old copy of the tree is found here.
        """
        ledger = cls(tables, seal)
        if ledger.state().transaction != tables.seen:
            raise IndexCorrupt("the store leads to a state of another commit; try `index verify`")
        return ledger

    def get(self, table: str, key: bytes) -> bytes | None:
        stored = self._tables.get(table, key)
        if stored is None:
            self._check_gap(table, key)
            return None
        return self._seal.open(TAGS[table] + key, stored)

    def _check_gap(self, table: str, key: bytes) -> None:
        """Believe that a key is missing only if sound records lie to its left and right.

        A damaged key leads the search to a place next to itself, a damaged branch to a place
        where the order is broken.
        """
        wanted = TAGS[table] + key
        left, right = self._tables.around(table, key)
        for near in (left, right):
            if near is not None:
                self._seal.open(*near)
        if (left and left[0] >= wanted) or (right and right[0] <= wanted):
            raise IndexCorrupt(f"the store is out of order near {wanted.hex()}")

    def need(self, table: str, key: bytes) -> bytes:
        """A record that another record says is there."""
        payload = self.get(table, key)
        if payload is None:
            raise IndexCorrupt(f"table {table!r} lacks the record {key.hex()}; try `index verify`")
        return payload

    def put(self, table: str, key: bytes, payload: bytes) -> None:
        self._tables.put(table, key, self._seal.close(TAGS[table] + key, payload))

    def scan(self, table: str, start: bytes = b"") -> Iterator[tuple[bytes, bytes]]:
        for key, stored in self._tables.scan(table, start):
            yield key, self._seal.open(TAGS[table] + key, stored)

    def payloads(self) -> Iterator[bytes]:
        """What every record of every table holds."""
        for key, stored in self._tables.all():
            yield self._seal.open(key, stored)

    # -- the index as a whole

    def state(self) -> State:
        return State.unpack(self.need("meta", b"state"))

    def identity(self) -> EncoderIdentity:
        return EncoderIdentity(**json.loads(self.need("meta", b"encoder")))

    def begin(self, identity: EncoderIdentity) -> None:
        """The first records of a new index."""
        self.put("meta", b"encoder", json.dumps(identity.to_dict()).encode())
        self.put("meta", b"state", State(self._tables.number, token=os.urandom(16)).pack())

    def commit_change(self, state: State, removed: tuple[int, ...] = ()) -> State:
        """Number this change and log it, so that a cache can follow."""
        state = replace(
            state,
            transaction=self._tables.number,
            generation=state.generation + 1,
            token=os.urandom(16),
        )
        change = Change(state.token, state.next_reference, removed)
        self.put("changes", number_key(state.generation), change.pack())
        self.put("meta", b"state", state.pack())
        if state.generation > KEPT_CHANGES:
            self._tables.delete("changes", number_key(state.generation - KEPT_CHANGES))
        return state

    def change(self, generation: int) -> Change | None:
        packed = self.get("changes", number_key(generation))
        return None if packed is None else Change.unpack(packed)

    def setting(self, name: str) -> dict[str, Any] | None:
        packed = self.get("settings", name.encode())
        return None if packed is None else json.loads(packed)

    # -- writers

    def writer_id(self, name: str) -> int | None:
        packed = self.get("names", self._seal.digest(name.encode("utf-8")))
        return None if packed is None else unpack_number(packed)

    def writer(self, writer_id: int) -> Writer:
        return unpack_writer(self.need("writers", number_key(writer_id)))

    def writers_from(self, writer_id: int) -> Iterator[tuple[int, Writer]]:
        for key, packed in self.scan("writers", number_key(writer_id)):
            yield key_number(key), unpack_writer(packed)

    def put_writer(self, writer_id: int, name: str, references: int) -> None:
        self.put("writers", number_key(writer_id), pack_writer(name, references))
        self.put("names", self._seal.digest(name.encode("utf-8")), pack_number(writer_id))

    def drop_writer(self, writer_id: int, name: str) -> None:
        self._tables.delete("writers", number_key(writer_id))
        self._tables.delete("names", self._seal.digest(name.encode("utf-8")))

    # -- references

    def members(self, writer_id: int) -> Iterator[int]:
        """Ids of a writer's references, oldest first."""
        prefix = number_key(writer_id)
        for key, _ in self.scan("members", prefix):
            if not key.startswith(prefix):
                return
            yield key_number(key[8:])

    def reference(self, reference_id: int, writer: str) -> Reference:
        key = number_key(reference_id)
        _, content_hash, document = unpack_reference(self.need("references", key))
        _, vector = unpack_vector(self.need("vectors", key))
        document["warnings"] = tuple(document["warnings"])
        local = self.need("locals", key)
        return Reference(writer, vector, local, content_hash, **document)

    def put_reference(self, reference_id: int, writer_id: int, reference: Reference) -> None:
        key = number_key(reference_id)
        self.put("references", key, pack_reference(writer_id, reference))
        self.put("vectors", key, pack_vector(writer_id, reference.vector))
        self.put("locals", key, reference.local)
        self.put("members", number_key(writer_id) + key, b"")
        self.put("hashes", self._hash_key(reference.content_hash, writer_id), key)

    def drop_reference(self, reference_id: int, writer_id: int) -> None:
        key = number_key(reference_id)
        _, content_hash, _ = unpack_reference(self.need("references", key))
        self._tables.delete("hashes", self._hash_key(content_hash, writer_id))
        self._tables.delete("members", number_key(writer_id) + key)
        for table in ("references", "vectors", "locals"):
            self._tables.delete(table, key)

    def has_hash(self, content_hash: str, writer_id: int | None) -> bool:
        if writer_id is not None:
            return self.get("hashes", self._hash_key(content_hash, writer_id)) is not None
        prefix = self._hash_key(content_hash, 0)[:16]
        for key, _ in self.scan("hashes", prefix):
            if key.startswith(prefix):
                return True
            break
        self._check_gap("hashes", prefix)
        return False

    def vectors_from(self, reference_id: int) -> Iterator[tuple[int, int, Vector]]:
        """Reference id, writer id and vector, in order of age."""
        for key, packed in self.scan("vectors", number_key(reference_id)):
            writer_id, vector = unpack_vector(packed)
            yield key_number(key), writer_id, vector

    def _hash_key(self, content_hash: str, writer_id: int) -> bytes:
        return self._seal.digest(bytes.fromhex(content_hash)) + number_key(writer_id)
