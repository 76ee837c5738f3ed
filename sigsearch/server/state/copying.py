"""Moving what a service keeps from a folder to a database, or the other way round."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, Table, delete, insert, select

from sigsearch.errors import StateFault
from sigsearch.schema import Jsonable
from sigsearch.server.state import tables
from sigsearch.server.state.database import Database

_OF_A_PROCESS = (tables.about, tables.services, tables.buckets, tables.archives)
_BATCH = 50  # rows, of which each may hold a scan


@dataclass(frozen=True, slots=True)
class CopiedState(Jsonable):
    """How many there are of each."""

    tenants: int
    keys: int
    evidence: int
    cases: int
    jobs: int


def copy_state(old: Database, new: Database) -> CopiedState:
    """All rows, in one transaction. Raises StateFault where keys are there already, or a job has
    not ended: its upload would stay behind."""
    with old.connect() as source, new.begin() as target:
        if target.execute(select(tables.keys.c.id).limit(1)).first():
            raise StateFault(f"{new.place} already has keys; copy to a new place")
        unended = tables.jobs.c.state.in_(("waiting", "running", "stopping"))
        if source.execute(select(tables.jobs.c.id).where(unended).limit(1)).first():
            raise StateFault(f"{old.place}: a job has not ended; wait for it, or delete it")
        target.execute(delete(tables.tenants))
        counts = {
            table.name: _copied(source, target, table)
            for table in tables.meta.sorted_tables
            if table not in _OF_A_PROCESS
        }
    return CopiedState(**{name: counts[name] for name in CopiedState.__slots__})


def _copied(source: Connection, target: Connection, table: Table) -> int:
    count = 0
    found = source.execution_options(yield_per=_BATCH).execute(select(table))
    for rows in found.mappings().partitions():
        target.execute(insert(table), [dict(row) for row in rows])
        count += len(rows)
    return count
