"""Making the tables, and the numbered steps that bring older ones up to date; by one process."""

from __future__ import annotations

import time
from collections.abc import Sequence

from sqlalchemy import Connection, Table, insert, inspect, select, text, update
from sqlalchemy.schema import CreateSchema

from sigsearch.errors import StateFault
from sigsearch.server.settings import DEFAULT_TENANT
from sigsearch.server.state import tables

_LOCK = 0x5165_7276  # among the database's advisory locks
STEPS: tuple[tuple[tuple[Table, str], ...], ...] = (
    (
        (tables.tenants, "desk"),
        (tables.replies, "holder"),
        (tables.jobs, "holder"),
        (tables.documents, "writer"),
    ),
)
"""The columns that format n lacks; whole tables are made without being named here."""
_CLEARED = ("evidence", "images", "named", "cases", "opinions", "documents", "replies", "jobs")


def bring_up(connection: Connection, place: str) -> None:
    """Raises StateFault for the tables of a later release."""
    if _format(connection) == tables.VERSION:
        return
    _alone(connection)
    found = _format(connection)
    if found > tables.VERSION:
        raise StateFault(
            f"{place}: written by a later release of sigsearch (format {found}); use that one"
        )
    tables.meta.create_all(connection)
    if not found:
        connection.execute(insert(tables.about).values(version=tables.VERSION))
        connection.execute(insert(tables.tenants).values(name=DEFAULT_TENANT, at=time.time()))
        return
    for table, name in (column for columns in STEPS[found - 1 :] for column in columns):
        kind = table.c[name].type.compile(connection.dialect)
        whole = ".".join(filter(None, (_schema(connection), table.name)))
        connection.execute(text(f"ALTER TABLE {whole} ADD COLUMN {name} {kind}"))
    connection.execute(update(tables.about).values(version=tables.VERSION))


def _alone(connection: Connection) -> None:
    """Until the end of the transaction nobody else makes tables; the schema that they are in."""
    schema = _schema(connection)
    if schema is None:
        connection.execute(text("BEGIN IMMEDIATE"))
        return
    connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
    if not inspect(connection).has_schema(schema):
        connection.execute(CreateSchema(schema))


def _format(connection: Connection) -> int:
    """0 where there are no tables yet."""
    if not inspect(connection).has_table("about", _schema(connection)):
        return 0
    return connection.execute(select(tables.about.c.version)).scalar() or 0


def clearing(connection: Connection) -> Sequence[str]:
    """What empties the journal, or frees the space of deleted rows."""
    schema = _schema(connection)
    if schema is None:
        return ["PRAGMA wal_checkpoint(TRUNCATE)"]
    return [f"VACUUM {schema}.{name}" for name in _CLEARED]


def _schema(connection: Connection) -> str | None:
    """None in SQLite."""
    named = connection.get_execution_options().get("schema_translate_map", {})
    found: str | None = named.get(None)
    return found
