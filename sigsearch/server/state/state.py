"""The door to all that the service keeps besides the indexes."""

from __future__ import annotations

import time
from pathlib import Path
from types import TracebackType

from sqlalchemy import text

from sigsearch.index.postgres.address import Address
from sigsearch.server.state.archives import ArchiveBook
from sigsearch.server.state.buckets import BucketBook
from sigsearch.server.state.cases import CaseBook
from sigsearch.server.state.copying import CopiedState, copy_state
from sigsearch.server.state.database import open_database
from sigsearch.server.state.documents import DocumentBook
from sigsearch.server.state.evidence import EvidenceBook
from sigsearch.server.state.jobs import JobBook
from sigsearch.server.state.keys import KeyBook
from sigsearch.server.state.replies import ReplyBook
from sigsearch.server.state.services import ServiceBook
from sigsearch.server.state.sessions import SessionBook
from sigsearch.server.state.tenants import TenantBook

_DAY = 86400


class State:
    """Every book is safe to use from several threads and processes; what a method has written is on
    disk when it returns."""

    def __init__(self, place: Path | Address) -> None:
        """A folder, or the address of an index in a database."""
        self._database = database = open_database(place)
        self.services = ServiceBook(database)
        self.tenants = TenantBook(database)
        self.keys = KeyBook(database)
        self.buckets = BucketBook(database)
        self.replies = ReplyBook(database, self.services)
        self.evidence = EvidenceBook(database)
        self.jobs = JobBook(database, self.services)
        self.archives = ArchiveBook(database)
        self.sessions = SessionBook(database)
        self.documents = DocumentBook(database)
        self.cases = CaseBook(database)

    @property
    def is_shared(self) -> bool:
        """Whether several services may use it at once."""
        return self._database.is_shared

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
        self._database.close()

    def copy_to(self, other: State) -> CopiedState:
        """Everything, to a place where nothing is kept yet. Raises StateFault."""
        return copy_state(self._database, other._database)

    def erase(self, tenant: str, writer: str) -> None:
        """Everything that names a writer or shows their signatures, also deleted rows."""
        self.evidence.erase(tenant, writer)
        self.replies.erase(tenant, writer)
        self.jobs.erase(tenant, writer)
        self.cases.erase(tenant, writer)
        self.documents.erase(tenant, writer)
        self._database.clear_deleted()

    def expire(self, before: float) -> None:
        """What was asked before that time."""
        self.cases.expire(before)
        self.buckets.expire(time.time())
        self.archives.expire(time.time() - _DAY)
        if self.evidence.expire(before) + self.documents.expire(before):
            self._database.clear_deleted()

    def answers(self) -> bool:
        """Whether it can be read."""
        with self._database.connect() as connection:
            return connection.execute(text("SELECT 1")).scalar() == 1
