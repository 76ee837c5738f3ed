"""Connections to the database: kept for the next who asks, never shared, named when they fail."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sigsearch.errors import (
    ExtraMissing,
    IndexBusy,
    IndexFault,
    IndexFull,
    IndexMissing,
    IndexReadOnly,
    IndexUnreachable,
)
from sigsearch.index.postgres.address import Address, without_password

if TYPE_CHECKING:
    from psycopg import Connection

_KEPT = 64  # idle connections
_LOST = ("57P01", "57P02", "57P03", "40001")  # shut down, or a standby in the way of a reader
_OF_CONNECTIONS = "08"  # class of states; a pooler that lost the server says so
_KINDS: dict[str, type[IndexFault]] = {
    "55P03": IndexBusy, "53100": IndexFull, "53200": IndexFull, "25006": IndexReadOnly,
    "3F000": IndexMissing, "42P01": IndexMissing, "53300": IndexBusy,
}  # fmt: skip
"""By SQLSTATE."""


class Lost(Exception):
    """The connection is gone; what it was asked may be asked again."""


class Connections:
    """One for each transaction at a time.

    Behind a pooler (PgBouncer) two transactions of one connection may meet two servers. So nothing
    is left in a session there: settings are of one transaction, and statements are not prepared.
    """

    def __init__(self, address: Address, *, lock_wait: float, lazy: bool) -> None:
        self.address = address
        self.pooled = False  # whether the last one made goes through a pooler
        settings = {
            "lock_timeout": str(int(1000 * lock_wait)),
            "jit": "off", "max_parallel_workers_per_gather": "0",  # which would delay short answers
        }  # fmt: skip
        if lazy:
            settings["synchronous_commit"] = "off"
        self._settings = settings
        self._lock = threading.Lock()
        self._idle: list[Connection[Any]] = []
        self._process = os.getpid()
        self._closed = False

    @contextmanager
    def one(self, *, reads_only: bool) -> Iterator[Connection[Any]]:
        """A connection outside any transaction. What fails in it is named; raises Lost."""
        connection = self._taken()
        import psycopg

        try:
            level = psycopg.IsolationLevel
            connection.read_only = reads_only
            connection.isolation_level = (
                level.REPEATABLE_READ if reads_only else level.READ_COMMITTED
            )
            yield connection
        except psycopg.Error as fault:
            named = self._named(fault)
            if isinstance(named, Lost):
                connection.close()
                self._forget()
            self._rolled_back(connection)
            raise named from fault
        except BaseException:
            self._rolled_back(connection)
            raise
        self._give_back(connection)

    def begin(self, connection: Connection[Any]) -> None:
        """A transaction with the settings of this index."""
        if self.pooled:
            self._set(connection, for_all=False)

    def close(self) -> None:
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        if os.getpid() == self._process:
            for connection in idle:
                connection.close()

    def _forget(self) -> None:
        """The others will be lost as well."""
        with self._lock:
            self._idle = []

    def _taken(self) -> Connection[Any]:
        with self._lock:
            if os.getpid() != self._process:  # a child must not use its parent's
                self._idle, self._process = [], os.getpid()
            if self._idle:
                return self._idle.pop()
        return self._connected()

    def _connected(self) -> Connection[Any]:
        try:
            import psycopg
        except ImportError as fault:
            raise ExtraMissing(
                "an index in a database needs the package psycopg: pip install "
                "'sigsearch[postgres]'"
            ) from fault
        try:
            connection = psycopg.connect(self.address.connection, autocommit=True)
            own = connection.execute(b"SELECT pg_backend_pid()").fetchone()
            self.pooled = own != (connection.info.backend_pid,)
            if self.pooled:
                connection.prepare_threshold = None
            else:
                self._set(connection, for_all=True)
            connection.autocommit = False
        except psycopg.ProgrammingError:
            raise IndexFault(
                f"{self.address.place} is not an address that PostgreSQL understands"
            ) from None
        except psycopg.OperationalError as fault:
            told = without_password(" ".join(str(fault).split()))
            raise IndexUnreachable(f"{self.address.place} cannot be reached: {told}") from None
        return connection

    def _set(self, connection: Connection[Any], *, for_all: bool) -> None:
        """The settings, for this transaction or for all of the connection."""
        asked = ", ".join([f"set_config(%s, %s, {not for_all})"] * len(self._settings))
        values = [text for pair in self._settings.items() for text in pair]
        connection.execute(f"SELECT {asked}".encode(), values)

    def _rolled_back(self, connection: Connection[Any]) -> None:
        import psycopg

        try:
            if not connection.closed:
                connection.rollback()
        except psycopg.Error:
            connection.close()
        self._give_back(connection)

    def _give_back(self, connection: Connection[Any]) -> None:
        with self._lock:
            if not self._closed and not connection.closed and len(self._idle) < _KEPT:
                self._idle.append(connection)
                return
        connection.close()

    def _named(self, fault: Any) -> Exception:
        import psycopg

        state = fault.sqlstate or ""
        unnamed = isinstance(fault, psycopg.OperationalError) and not state
        if state in _LOST or state.startswith(_OF_CONNECTIONS) or unnamed:
            return Lost(" ".join(str(fault).split()))
        told = fault.diag.message_primary or " ".join(str(fault).split())
        return _KINDS.get(state, IndexFault)(f"{self.address.place}: {told}")
