"""Changes of an index's records in one transaction of PostgreSQL.

What a change puts and drops is held back until it is committed, and then sent at once.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from sigsearch.arrays import Singles
from sigsearch.index.local.layout import (
    Change,
    LogEnd,
    State,
    number_key,
    pack_reference,
    pack_vector,
    pack_writer,
)
from sigsearch.index.postgres.reading import HELD, PostgresReading
from sigsearch.index.postgres.schema import CENTROIDS, STATE, change_key
from sigsearch.index.records import Reference, Writer
from sigsearch.index.seals.checksum import Seal

KEPT_CHANGES = 1 << 16  # a snapshot older than this many generations is rebuilt
_COLUMNS = ("writer", "id", "content_key", "facets", "record", "vector", "tokens")
_TYPES = ("int8", "int8", "bytea", "bytea[]", "bytea", "bytea", "bytea")


@dataclass(slots=True)
class _Pending:
    """What the transaction has not sent yet; the content keys of writers whom it changes."""

    rows: list[tuple[Any, ...]] = field(default_factory=list)
    dropped: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    writers: dict[int, tuple[bytes, bytes] | None] = field(default_factory=dict)
    contents: dict[int, set[bytes]] = field(default_factory=dict)


class PostgresLedger(PostgresReading):
    """`Records` on one transaction."""

    def __init__(self, connection: Any, schema: str, seal: Seal, token: bytes = b"") -> None:
        super().__init__(connection, schema, seal, token)
        self._pending = _Pending()

    def commit_change(self, state: State, removed: tuple[int, ...] = ()) -> State:
        """Number this change and log it, so that a cache can follow."""
        self._send()
        state = replace(state, generation=state.generation + 1, token=self._token)
        change = Change(state.token, state.next_reference, removed)
        record = self._seal.close(change_key(state.generation), change.pack())
        with self.connection.pipeline():
            self._send_writers()
            self.ask("INSERT INTO {s}.changes VALUES (%s, %b)", state.generation, record)
            self._put_state(state)
            if state.generation > KEPT_CHANGES:
                oldest = state.generation - KEPT_CHANGES
                self.ask("DELETE FROM {s}.changes WHERE generation <= %s", oldest)
        return state

    def mark_erasure(self) -> None:
        """The change that was committed last erased somebody: copies elsewhere must follow. A
        centroid of few references may be as good as one of them."""
        self.ask("DELETE FROM {s}.centroids")
        self.ask("DELETE FROM {s}.erasures")
        self.ask("INSERT INTO {s}.erasures VALUES (%s)", self.state().generation)

    def put_centroids(self, centroids: Singles, generation: int) -> None:
        """Keep what was trained on the references of this generation, if nobody was erased
        since."""
        if self.last_erasure() <= generation:
            packed = np.ascontiguousarray(centroids, "<f4").tobytes()
            self.ask(
                "INSERT INTO {s}.centroids (record) VALUES (%b) "
                "ON CONFLICT (one) DO UPDATE SET record = excluded.record",
                self._seal.close(CENTROIDS, packed),
            )  # fmt: skip

    def foresee(self, writers: Sequence[str]) -> None:
        """Look up at once what will be asked of these writers one by one."""
        keys = {self.of(name)._seal.name_key(name): name for name in writers}
        self._ids.update(dict.fromkeys(keys))
        asked = "SELECT name_key, id, record FROM {s}.writers WHERE name_key = ANY(%b)"
        for key, number, record in self.ask(asked, list(keys)):
            self._ids[key] = number
            self._known[number] = self.of(keys[key])._writer(number, record)
            self._pending.contents[number] = set()
        if self._pending.contents:
            asked = f"SELECT writer, content_key {HELD}"
            for number, content in self.ask(asked, list(self._pending.contents)):
                self._pending.contents[number].add(content)

    def end_log(self, end: LogEnd | None) -> None:
        """Say where the decision log ends; of the same generation, since no answer changes."""
        self._put_state(replace(self.state(), log=end))

    def _put_state(self, state: State) -> None:
        self._state = state
        self.ask("UPDATE {s}.state SET record = %b", self._seal.close(STATE, state.pack()))

    def put_setting(self, name: str, document: Mapping[str, Any]) -> None:
        key = name.encode()
        body = json.dumps(dict(document), allow_nan=False, ensure_ascii=False).encode()
        self.ask(
            "INSERT INTO {s}.settings VALUES (%b, %b) "
            "ON CONFLICT (name) DO UPDATE SET record = excluded.record",
            key, self._seal.close(b"S" + key, body),
        )  # fmt: skip

    def put_writer(self, writer_id: int, name: str, references: int) -> None:
        key = self._seal.name_key(name)
        record = self._seal.close(b"W" + number_key(writer_id), pack_writer(name, references))
        self._pending.writers[writer_id] = (key, record)
        self._known[writer_id] = Writer(name, references)
        self._ids[key] = writer_id

    def drop_writer(self, writer_id: int, name: str) -> None:
        self._pending.writers[writer_id] = None
        self._known.pop(writer_id, None)
        self._ids[self._seal.name_key(name)] = None

    def put_reference(self, reference_id: int, writer_id: int, reference: Reference) -> None:
        key, close = number_key(reference_id), self._seal.close
        content = self._content_key(reference.content_hash)
        facets = [] if self._seal.verify_only else sorted(
            self._facet(name, value) for name, value in reference.metadata.items()
        )  # fmt: skip
        self._pending.rows.append((
            writer_id, reference_id, content, facets,
            close(b"R" + key, pack_reference(writer_id, reference)),
            close(b"V" + key, pack_vector(writer_id, reference.vector)),
            close(b"L" + key, reference.local),
        ))  # fmt: skip

    def drop_reference(self, reference_id: int, writer_id: int) -> None:
        self._pending.dropped[writer_id].append(reference_id)
        self._pending.contents.pop(writer_id, None)

    def has_hash(self, content_hash: str, writer_id: int) -> bool:
        key = self._content_key(content_hash)
        contents = self._pending.contents
        if writer_id not in contents:
            self._send()
            asked = "SELECT content_key FROM {s}.enrolled WHERE writer = %s"
            contents[writer_id] = {one for (one,) in self.ask(asked, writer_id)}
        return key in contents[writer_id]

    def _send(self) -> None:
        """What is pending: first what goes, then what comes."""
        pending = self._pending
        for writer_id, ids in pending.dropped.items():
            self.ask("DELETE FROM {s}.enrolled WHERE writer = %s AND id = ANY(%s)", writer_id, ids)
        pending.dropped.clear()
        self._send_rows(pending.rows)
        pending.rows.clear()

    def _send_writers(self) -> None:
        pending = self._pending
        gone = [number for number, one in pending.writers.items() if one is None]
        if gone:
            self.ask("DELETE FROM {s}.writers WHERE id = ANY(%s)", gone)
        put = [(number, *one) for number, one in pending.writers.items() if one is not None]
        if put:
            numbers, keys, records = map(list, zip(*put, strict=True))
            self.ask(
                "INSERT INTO {s}.writers SELECT * FROM unnest(%s::bigint[], %b, %b) "
                "ON CONFLICT (id) DO UPDATE SET name_key = excluded.name_key, "
                "record = excluded.record",
                numbers, keys, records,
            )  # fmt: skip
        pending.writers.clear()

    def _send_rows(self, rows: Sequence[tuple[Any, ...]]) -> None:
        if not rows:
            return
        copied = f"COPY {self._schema}.enrolled ({', '.join(_COLUMNS)}) FROM STDIN (FORMAT BINARY)"
        with self.connection.cursor() as cursor, cursor.copy(copied.encode()) as sent:
            sent.set_types(_TYPES)
            for row in rows:
                sent.write_row(row)
