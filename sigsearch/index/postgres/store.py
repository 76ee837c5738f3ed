"""The truth of one index in PostgreSQL: reads and changes of its records, one generation each.

Whoever changes it holds the row of the state until the commit, so that the order of generations is
that of the commits, and a snapshot sees whole generations.
"""

from __future__ import annotations

import json
import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from sigsearch.errors import (
    ChangeUncertain,
    IndexClosed,
    IndexReplaced,
    IndexUnreachable,
    VerifyOnly,
)
from sigsearch.index.local.files import named_faults
from sigsearch.index.local.layout import State
from sigsearch.index.local.locks import WriterLock
from sigsearch.index.local.sealing import seal_of
from sigsearch.index.postgres.address import Address
from sigsearch.index.postgres.centroids import PostgresCentroids
from sigsearch.index.postgres.connections import Connections, Lost
from sigsearch.index.postgres.ledger import PostgresLedger
from sigsearch.index.postgres.schema import lock_number, sealing_and_identity
from sigsearch.index.records import EncoderIdentity
from sigsearch.index.seals.checksum import Seal
from sigsearch.schema import Sync

T = TypeVar("T")

PATIENCE = 30.0
"""Seconds in which a lost server, or the one that takes over, must answer again."""
_PAUSE = 0.1
_GUARDED = (
    "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND mode = 'ExclusiveLock' "
    "AND pid = %s AND (classid::bigint << 32 | objid::bigint) = %s "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


@dataclass(frozen=True, slots=True)
class CacheFolder:
    """Where the search structure lies on this machine, if it may lie anywhere."""

    root: Path
    lock: WriterLock

    @classmethod
    def of(cls, address: Address, salt: str) -> CacheFolder:
        """One for each index that ever was; with no cache a place where nothing is."""
        if address.cache is None:
            root = Path(tempfile.gettempdir()) / f"no-cache-{os.urandom(8).hex()}"
        else:
            root = address.cache / f"{address.name}-{salt}"
            with named_faults(root):
                root.mkdir(0o700, parents=True, exist_ok=True)
        return cls(root, WriterLock(root / "writer.lock"))


class PostgresStore:
    """Reads and changes of one index; see `keeping.Keeper`."""

    def __init__(
        self, address: Address, key: bytes | None, *, wait: float = 10.0, sync: Sync = "full",
        read_only: bool = False,
    ) -> None:  # fmt: skip
        self.wait = wait
        self.address = address
        self.connections = Connections(address, lock_wait=wait, lazy=sync == "lazy")
        self._writing = threading.local()
        self._closed = False
        self.identity: EncoderIdentity
        with self._named():
            self._sealing, self.identity = sealing_and_identity(
                self.connections, may_change=not read_only
            )
        sealing = json.loads(self._sealing)
        self.salt = str(sealing["salt"])
        """Tells this index from every other."""
        self.seal: Seal = seal_of(sealing, key, address.place)
        self.environment = CacheFolder.of(address, self.salt)
        self.centroids = PostgresCentroids(self)

    def close(self) -> None:
        self._closed = True
        self.connections.close()

    def must_be_open(self) -> None:
        """Raises IndexClosed after `close`."""
        if self._closed:
            raise IndexClosed(f"{self.address.place} was closed; open it again")

    def must_go_through(self) -> None:
        """Raises VerifyOnly where writers cannot be gone through."""
        if self.seal.verify_only:
            raise VerifyOnly(
                f"{self.address.place} is a verify-only index: it can only verify a named writer, "
                "and cannot list or search writers"
            )

    def state(self) -> State:
        return self.read(PostgresLedger.state)

    def read(self, work: Callable[[Any], T]) -> T:
        """Run `work` on one generation of the records; again where the server was lost."""
        self.must_be_open()
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                with self.connections.one(reads_only=True) as connection:
                    self.connections.begin(connection)
                    found = work(self._ledger(connection))
                    connection.commit()
                    return found
            except (Lost, IndexUnreachable) as fault:
                self._bide(deadline, fault)

    def change(self, work: Callable[[Any], T], *, room: int = 0) -> T:
        """Run `work` in one transaction; it is committed when this returns.

        Where the server is lost meanwhile, the change's token tells whether it was committed.

        Raises:
            IndexUnreachable: nothing was changed. ChangeUncertain: nobody knows.
        """
        self.must_be_open()
        token, deadline = os.urandom(16), time.monotonic() + PATIENCE
        attempt = _Attempt()
        while True:
            try:
                return self._changed(work, token, attempt)
            except (Lost, IndexUnreachable) as fault:
                if self._guard() is not None:
                    raise IndexUnreachable(
                        f"{self.address.place} was lost while it was kept for several changes "
                        f"({fault}); make them again"
                    ) from fault
                try:
                    self._bide(deadline, fault)
                except IndexUnreachable as gone:
                    if attempt.committing:
                        raise ChangeUncertain(
                            f"{gone}; the last change may or may not be stored: check, or "
                            "repeat it (what is already enrolled is skipped)"
                        ) from fault
                    raise

    def _changed(self, work: Callable[[Any], T], token: bytes, attempt: _Attempt) -> T:
        with self._for_changes() as connection:
            ledger = self._ledger(connection, token)
            self._must_be_guarded(ledger)
            if attempt.committing and ledger.was_made(token, attempt.since):
                connection.rollback()
                made: T = attempt.answer
                return made
            attempt.committing, attempt.since = False, ledger.state().generation
            attempt.answer = answer = work(ledger)
            attempt.committing = True
            connection.commit()
            return answer

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Keep other writers out for several changes in a row.

        The lock is that of a transaction that does nothing else and is open meanwhile; every change
        sees that it is still held.

        Raises:
            IndexBusy: another writer held the index for as long as this one was to wait.
        """
        self.must_be_open()
        if self._guard() is not None:
            yield
            return
        import psycopg

        with self._named(), self.connections.one(reads_only=False) as connection:
            self.connections.begin(connection)
            connection.execute(b"SET LOCAL idle_in_transaction_session_timeout = 0")
            locked = b"SELECT pg_advisory_xact_lock(%s), pg_backend_pid()"
            row = connection.execute(locked, [lock_number(self.address)]).fetchone()
            assert row is not None
            self._writing.guard = row[1]
            try:
                yield
            finally:
                self._writing.guard = None
            with suppress(psycopg.OperationalError):  # every change was made under the lock
                connection.rollback()

    def vacuum(self) -> None:
        """Free the space of rows that nobody sees any more."""
        self.must_be_open()
        with self._named(), self.connections.one(reads_only=False) as connection:
            connection.autocommit = True
            try:
                for table in ("enrolled", "writers", "settings", "changes"):
                    connection.execute(f"VACUUM {self.address.schema}.{table}".encode())
            finally:
                if not connection.closed:
                    connection.autocommit = False

    @contextmanager
    def _for_changes(self) -> Iterator[Any]:
        with self.connections.one(reads_only=False) as connection:
            self.connections.begin(connection)
            if self._guard() is None:
                number = [lock_number(self.address)]
                connection.execute(b"SELECT pg_advisory_xact_lock_shared(%s)", number)
            yield connection

    def _guard(self) -> int | None:
        """The server process that keeps other writers out for this thread."""
        return getattr(self._writing, "guard", None)

    def _must_be_guarded(self, ledger: PostgresLedger) -> None:
        """Asked for once the row of the state is held, it tells that nobody has come between."""
        guard = self._guard()
        if guard is not None and not ledger.ask(_GUARDED, guard, lock_number(self.address)):
            raise Lost("the lock that keeps other writers out is gone")

    def _ledger(self, connection: Any, token: bytes = b"") -> PostgresLedger:
        ledger = PostgresLedger(connection, self.address.schema, self.seal, token)
        if ledger.sealing != self._sealing:
            raise IndexReplaced(
                f"another index has taken the place of {self.address.place}; open it again"
            )
        return ledger

    @contextmanager
    def _named(self) -> Iterator[None]:
        try:
            yield
        except Lost as fault:
            raise IndexUnreachable(f"{self.address.place} was lost ({fault}); try again") from fault

    def _bide(self, deadline: float, fault: Exception) -> None:
        """Wait a moment for the server, or the one that takes over, unless that took too long."""
        if time.monotonic() > deadline:
            raise IndexUnreachable(
                f"{self.address.place} did not answer for {PATIENCE:.0f} s ({fault}); is the "
                "server running?"
            ) from fault
        time.sleep(_PAUSE)


class _Attempt:
    """What is known of a change that may have to be made again."""

    committing = False  # whether it may have been committed
    since = 0  # the generation before it
    answer: Any = None
