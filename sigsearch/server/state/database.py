"""The database of a service: SQLite beside the index, or PostgreSQL, where several services share
it. The same tables in both."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection

from sigsearch.errors import ExtraMissing, StateFault
from sigsearch.index.postgres.address import Address, without_password
from sigsearch.server.state import steps

FILE = "state.sqlite"
# A killed process loses nothing that was committed (WAL), and neither does a power failure (FULL);
# what is deleted is overwritten.
_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000", "foreign_keys=ON",
            "secure_delete=ON")  # fmt: skip
_LOST = (OperationalError, InterfaceError, InternalError, NoConnection)


class Database:
    """Connections for the books. What fails is a StateFault, but for a row that was there."""

    def __init__(self, engine: Engine, place: str) -> None:
        self._engine, self.place = engine, place

    @property
    def is_shared(self) -> bool:
        """Whether several services may use it at once."""
        return self._engine.dialect.name == "postgresql"

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A transaction, which is committed in the end."""
        with self._naming(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        """For reading."""
        with self._naming(), self._engine.connect() as connection:
            yield connection

    def now(self, connection: Connection) -> float:
        """Seconds since 1970, by the one clock that all services share."""
        if not self.is_shared:
            return time.time()
        asked = text("SELECT extract(epoch FROM clock_timestamp())")
        return float(connection.execute(asked).scalar_one())

    def clear_deleted(self) -> None:
        """Let nothing that was deleted be read any more: SQLite's journal is emptied; VACUUM makes
        the rows' space free for use."""
        with self.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT")
            for statement in steps.clearing(connection):
                connection.execute(text(statement))

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def _naming(self) -> Iterator[None]:
        try:
            yield
        except _LOST as fault:
            told = without_password(" ".join(str(getattr(fault, "orig", fault)).split()))
            raise StateFault(f"{self.place}: cannot be used ({told})") from fault


def open_database(place: Path | Address) -> Database:
    """The database, made or brought up to date if need be.

    Raises:
        StateFault: it is damaged, cannot be reached, or is of a later release.
    """
    if isinstance(place, Address):
        found = Database(_postgres(place), place.place)
    else:
        found = Database(_sqlite(place), str(place / FILE))
    try:
        with found.begin() as connection:
            steps.bring_up(connection, str(place.place if isinstance(place, Address) else place))
    except StateFault as fault:
        found.close()
        raise StateFault(f"{fault}; {_ADVICE[found.is_shared]}") from None
    return found


_ADVICE = {
    False: "restore it from a backup, or move it away to start with new keys",
    True: "check that the database runs and that this role may use it",
}


def _sqlite(folder: Path) -> Engine:
    """Only its owner may read it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / FILE
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    engine = create_engine(f"sqlite:///{path}")
    event.listen(engine, "connect", _prepare)
    return engine


def _prepare(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _postgres(address: Address) -> Engine:
    try:
        import psycopg
    except ImportError as fault:
        raise ExtraMissing(
            "a service whose state is in a database needs the package psycopg: pip install "
            "'sigsearch[postgres]'"
        ) from fault
    schema = {None: schema_of(address)}
    return create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(address.connection),
        pool_pre_ping=True, pool_size=8, max_overflow=24, pool_timeout=10,
        execution_options={"schema_translate_map": schema},
    )  # fmt: skip


def schema_of(address: Address) -> str:
    """Where the state of the service of an index lies, apart from the schemas of indexes."""
    return f"sigservice_{address.name}"
