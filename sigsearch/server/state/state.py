"""The door to all that the service keeps besides the indexes."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

from sqlalchemy import text

from sigsearch.server.state.cases import CaseBook
from sigsearch.server.state.database import open_database
from sigsearch.server.state.documents import DocumentBook
from sigsearch.server.state.evidence import EvidenceBook
from sigsearch.server.state.jobs import JobBook
from sigsearch.server.state.keys import KeyBook
from sigsearch.server.state.replies import ReplyBook
from sigsearch.server.state.sessions import SessionBook
from sigsearch.server.state.tenants import TenantBook


class State:
    """Every book is safe to use from several threads and processes; what a method has written is on
    disk when it returns."""

    def __init__(self, folder: Path) -> None:
        self._engine = open_database(folder)
        self.tenants = TenantBook(self._engine)
        self.keys = KeyBook(self._engine)
        self.replies = ReplyBook(self._engine)
        self.evidence = EvidenceBook(self._engine)
        self.jobs = JobBook(self._engine)
        self.sessions = SessionBook(self._engine)
        self.documents = DocumentBook(self._engine)
        self.cases = CaseBook(self._engine)

    def __enter__(self) -> State:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._engine.dispose()

    def erase(self, tenant: str, writer: str) -> None:
        """Everything that names a writer or shows their signatures, also from the journal."""
        self.evidence.erase(tenant, writer)
        self.replies.erase(tenant, writer)
        self.jobs.erase(tenant, writer)
        self.cases.erase(tenant, writer)
        self._clear_journal()

    def expire(self, before: float) -> None:
        """What was asked before that time."""
        self.cases.expire(before)
        if self.evidence.expire(before) + self.documents.expire(before):
            self._clear_journal()

    def _clear_journal(self) -> None:
        with self._engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT")
            connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))

    def answers(self) -> bool:
        """Whether it can be read."""
        with self._engine.connect() as connection:
            return connection.execute(text("SELECT 1")).scalar() == 1
