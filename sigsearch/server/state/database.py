"""Opening the database. SQLite beside the index; the tables are such that PostgreSQL has them
too."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event, insert, select
from sqlalchemy.exc import DBAPIError

from sigsearch.errors import StateFault
from sigsearch.server.settings import DEFAULT_TENANT
from sigsearch.server.state import tables

FILE = "state.sqlite"
# A killed process loses nothing that was committed (WAL), and neither does a power failure (FULL);
# what is deleted is overwritten.
_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000", "foreign_keys=ON",
            "secure_delete=ON")  # fmt: skip


def open_database(folder: Path) -> Engine:
    """The database in `folder`, made if need be; only its owner may read it.

    Raises StateFault for one that is damaged or of a later release.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / FILE
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    engine = create_engine(f"sqlite:///{path}")
    event.listen(engine, "connect", _prepare)
    try:
        _make(engine)
    except DBAPIError as fault:
        engine.dispose()
        raise StateFault(f"{path}: cannot be opened ({fault.orig}); restore it from a backup, or "
                         "put it aside to begin with new keys") from None  # fmt: skip
    return engine


def _prepare(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _make(engine: Engine) -> None:
    tables.meta.create_all(engine)
    with engine.begin() as connection:
        found = connection.execute(select(tables.about.c.version)).scalar()
        if found is None:
            connection.execute(insert(tables.about).values(version=tables.VERSION))
            connection.execute(insert(tables.tenants).values(name=DEFAULT_TENANT, at=time.time()))
        elif found > tables.VERSION:
            raise StateFault(
                f"{engine.url.database}: written by a later release of sigsearch (format {found}); "
                "use that one"
            )
