"""The tables of an index, and the numbered steps that bring older ones up to date.

Records lie under the index's seal, byte by byte as `local.layout` packs them, so both stores answer
alike, damage is found, and names may hold what PostgreSQL's texts may not.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sigsearch.errors import IndexFault, IndexMissing, IndexNewer
from sigsearch.index.local.layout import LogEnd, State, number_key
from sigsearch.index.local.sealing import new_sealing, seal_of
from sigsearch.index.postgres.address import Address
from sigsearch.index.postgres.connections import Connections
from sigsearch.index.records import EncoderIdentity

PARTS = 16
"""Partitions of the references; a writer never spans two."""

_FIRST = """
CREATE TABLE {s}.state (one boolean PRIMARY KEY DEFAULT true CHECK (one), record bytea NOT NULL);
CREATE TABLE {s}.changes (generation bigint PRIMARY KEY, record bytea NOT NULL);
CREATE TABLE {s}.settings (name bytea PRIMARY KEY, record bytea NOT NULL);
CREATE TABLE {s}.writers (
  id bigint PRIMARY KEY, name_key bytea NOT NULL UNIQUE, record bytea NOT NULL);
CREATE TABLE {s}.enrolled (
  writer bigint NOT NULL, id bigint NOT NULL, content_key bytea NOT NULL, facets bytea[] NOT NULL,
  record bytea NOT NULL, vector bytea NOT NULL, tokens bytea NOT NULL,
  PRIMARY KEY (writer, id)) PARTITION BY HASH (writer);
ALTER TABLE {s}.enrolled ALTER tokens SET STORAGE EXTERNAL, ALTER vector SET STORAGE MAIN;
CREATE INDEX ON {s}.enrolled (id);
CREATE INDEX ON {s}.enrolled (content_key);
CREATE INDEX ON {s}.enrolled USING gin (facets);
CREATE TABLE {s}.log (number bigint PRIMARY KEY, line bytea NOT NULL);
"""
STEPS: tuple[str, ...] = (
    _FIRST
    + "".join(
        f"CREATE TABLE {{s}}.enrolled_{n} PARTITION OF {{s}}.enrolled "
        f"FOR VALUES WITH (MODULUS {PARTS}, REMAINDER {n});\n"
        for n in range(PARTS)
    ),
    "CREATE TABLE {s}.erasures (generation bigint PRIMARY KEY)",
    "CREATE TABLE {s}.centroids (one boolean PRIMARY KEY DEFAULT true CHECK (one), "
    "record bytea NOT NULL)",
)
"""Step n leads from format n to n + 1."""
_ABOUT = (
    "CREATE TABLE {s}.about (format int NOT NULL, encoder text NOT NULL, sealing text NOT NULL)"
)


def sealing_and_identity(
    connections: Connections, *, may_change: bool
) -> tuple[str, EncoderIdentity]:
    """What the index says of its seal, as JSON, and its encoder; an older one is brought up to date
    where that is allowed.

    Raises:
        IndexMissing: there is no index of this name; IndexNewer: a later release made it.
    """
    address = connections.address
    with _transaction(connections) as connection:
        if not _exists(connection, address):
            raise _missing(address)
        about = f"SELECT format, encoder, sealing FROM {address.schema}.about"
        number, encoder, sealing = connection.execute(about.encode()).fetchone()
    if number > len(STEPS):
        raise IndexNewer(
            f"{address.place} has format {number}, made by a later release of sigsearch; this "
            f"release knows formats up to {len(STEPS)}"
        )
    if number < len(STEPS):
        if not may_change:
            raise IndexFault(
                f"{address.place} has format {number}; open it for writing once, to update it "
                f"to format {len(STEPS)}"
            )
        bring_up(connections)
    return sealing, EncoderIdentity(**json.loads(encoder))


def bring_up(connections: Connections) -> None:
    """Take the steps that are missing, all in one transaction; one process at a time."""
    address = connections.address
    with _transaction(connections) as connection:
        _alone(connection, address)
        (number,) = connection.execute(
            f"SELECT format FROM {address.schema}.about".encode()
        ).fetchone()
        for step in STEPS[number:]:
            connection.execute(step.format(s=address.schema).encode())
        connection.execute(f"UPDATE {address.schema}.about SET format = %s".encode(), [len(STEPS)])


def create(
    connections: Connections, identity: EncoderIdentity, key: bytes | None, *,
    verify_only: bool, exist_ok: bool,
) -> None:  # fmt: skip
    """Make the tables of an empty index, unless it is there and may be.

    Raises:
        IndexFault: it is there, or may not be made.
    """
    address = connections.address
    with _transaction(connections) as connection:
        _alone(connection, address)
        if _exists(connection, address):
            if exist_ok:
                return
            raise IndexFault(
                f"{address.place} already holds an index; open it or choose another name"
            )
        if not _has(connection, "SELECT 1 FROM pg_namespace WHERE nspname = %s", address.schema):
            connection.execute(f"CREATE SCHEMA {address.schema}".encode())
        sealing = new_sealing(key, verify_only=verify_only)
        for step in (_ABOUT, *STEPS):
            connection.execute(step.format(s=address.schema).encode())
        connection.execute(
            f"INSERT INTO {address.schema}.about VALUES (%s, %s, %s)".encode(),
            [len(STEPS), json.dumps(identity.to_dict()), json.dumps(sealing)],
        )
        state = State(token=os.urandom(16), log=LogEnd())
        seal = seal_of(sealing, key, address.place)
        connection.execute(
            f"INSERT INTO {address.schema}.state (record) VALUES (%b)".encode(),
            [seal.close(STATE, state.pack())],
        )


STATE = b"Mstate"
CENTROIDS = b"Mcentroids"


def change_key(generation: int) -> bytes:
    return b"C" + number_key(generation)


def lock_number(address: Address) -> int:
    """Names the index among the database's advisory locks."""
    import hashlib

    digest = hashlib.blake2b(address.schema.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


@contextmanager
def _transaction(connections: Connections) -> Iterator[Any]:
    with connections.one(reads_only=False) as connection, connection.transaction():
        connections.begin(connection)
        yield connection


def _alone(connection: Any, address: Address) -> None:
    connection.execute(b"SELECT pg_advisory_xact_lock(%s)", [lock_number(address)])


def _exists(connection: Any, address: Address) -> bool:
    return _has(connection, "SELECT to_regclass(%s || '.about')::oid", address.schema)


def _has(connection: Any, question: str, value: str) -> bool:
    row = connection.execute(question.encode(), [value]).fetchone()
    return row is not None and row[0] is not None


def _missing(address: Address) -> IndexMissing:
    return IndexMissing(
        f"there is no index {address.name!r} in the database of {address.place}; `sigsearch index "
        f"create --index '{address.place}'` makes one"
    )
